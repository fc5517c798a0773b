package io.muster.ca.issuance;

import io.muster.ca.DeviceUrn;
import io.muster.ca.issuance.AlternativeName.NameType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.jspecify.annotations.Nullable;

/**
 * Whose certificate it is. Each part of the name has at most 64 characters (RFC 5280, appendix A),
 * none of them a control character.
 *
 * @param commonName what it is called
 * @param organizationalUnit the product of a device; null for others
 * @param organization the domain of trust, or null
 * @param alternativeNames the names by which others know it; those that a check goes by
 */
public record Subject(
        String commonName,
        @Nullable String organizationalUnit,
        @Nullable String organization,
        List<AlternativeName> alternativeNames) {

    /** The longest part of a name, in characters. */
    public static final int LONGEST_PART = 64;

    /** The most names of one certificate. */
    public static final int MOST_NAMES = 100;

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException naming the one that cannot stand in a certificate
     */
    public Subject {
        requirePart("common name", commonName);
        requirePart("organizational unit", organizationalUnit);
        requirePart("organization", organization);
        alternativeNames = List.copyOf(alternativeNames);
        if (alternativeNames.size() > MOST_NAMES) {
            throw new IllegalArgumentException(
                    alternativeNames.size()
                            + " names for one certificate; at most "
                            + MOST_NAMES
                            + " are allowed");
        }
    }

    private static void requirePart(String what, @Nullable String part) {
        if (part == null) {
            return;
        }
        int length = part.codePointCount(0, part.length());
        if (length < 1 || length > LONGEST_PART) {
            throw new IllegalArgumentException(
                    what + " has " + length + " characters, not 1 to " + LONGEST_PART);
        }
        if (part.codePoints().anyMatch(Subject::isNoText)) {
            throw new IllegalArgumentException(
                    what + " has a control character or half of a surrogate pair");
        }
    }

    private static boolean isNoText(int codePoint) {
        return Character.isISOControl(codePoint)
                || Character.getType(codePoint) == Character.SURROGATE;
    }

    /**
     * A device. A key of more than 64 characters stands in the URI only, and its SHA-256 as common
     * name.
     */
    public static Subject device(DeviceUrn urn, @Nullable String organization) {
        return new Subject(
                deviceCommonName(urn),
                urn.productKey(),
                organization,
                List.of(AlternativeName.of(urn)));
    }

    static String deviceCommonName(DeviceUrn urn) {
        String key = urn.deviceKey();
        return key.codePointCount(0, key.length()) <= LONGEST_PART ? key : sha256(key);
    }

    private static String sha256(String text) {
        try {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(utf8));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this Java has no SHA-256", missing);
        }
    }

    /**
     * A server with these names and addresses. Its common name is the first host that is short
     * enough for one, or else the first address.
     *
     * @throws IllegalArgumentException if one is none, or there is none that can be its common name
     */
    public static Subject server(List<String> hostsAndAddresses, @Nullable String organization) {
        List<AlternativeName> names =
                hostsAndAddresses.stream().map(AlternativeName::ofServer).distinct().toList();
        return new Subject(serverCommonName(names), null, organization, names);
    }

    private static String serverCommonName(List<AlternativeName> names) {
        for (NameType type : List.of(NameType.DNS, NameType.IP)) {
            for (AlternativeName name : names) {
                if (name.type() == type && name.value().length() <= LONGEST_PART) {
                    return name.value();
                }
            }
        }
        throw new IllegalArgumentException(
                "a server needs an address, or a name of at most " + LONGEST_PART + " characters");
    }

    /** An authority, or who signs OCSP answers for one. */
    public static Subject authority(String commonName, @Nullable String organization) {
        return new Subject(commonName, null, organization, List.of());
    }

    /** As it is encoded: the widest part first. */
    public X500Name toName() {
        X500NameBuilder name = new X500NameBuilder(BCStyle.INSTANCE);
        add(name, BCStyle.O, organization);
        add(name, BCStyle.OU, organizationalUnit);
        add(name, BCStyle.CN, commonName);
        return name.build();
    }

    private static void add(
            X500NameBuilder name, ASN1ObjectIdentifier type, @Nullable String value) {
        if (value != null) {
            name.addRDN(type, new DERUTF8String(value));
        }
    }
}

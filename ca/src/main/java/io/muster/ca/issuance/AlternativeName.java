package io.muster.ca.issuance;

import io.muster.ca.DeviceUrn;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.util.IPAddress;

/**
 * A name of a certificate's owner (RFC 5280, 4.2.1.6), valid by construction.
 *
 * @param type what is named
 * @param value the name as text; host names in lower case
 */
public record AlternativeName(NameType type, String value) {

    /** What a name may name. */
    public enum NameType {
        /** A device: {@link DeviceUrn}. */
        URI(GeneralName.uniformResourceIdentifier),
        /** A host; its first label may be {@code *}. */
        DNS(GeneralName.dNSName),
        /** An address of IPv4 or IPv6. */
        IP(GeneralName.iPAddress);

        private final int tag;

        NameType(int tag) {
            this.tag = tag;
        }
    }

    private static final Pattern HOST =
            Pattern.compile(
                    "(\\*\\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
                            + "(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

    private static final int LONGEST_HOST = 253;

    /**
     * Checks the value.
     *
     * @throws IllegalArgumentException if it is no such name
     */
    public AlternativeName {
        switch (type) {
            case URI -> DeviceUrn.parse(value);
            case DNS -> requireHost(value);
            case IP -> requireAddress(value);
        }
    }

    private static void requireHost(String value) {
        if (value.length() > LONGEST_HOST || !HOST.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "'"
                            + value
                            + "' is not the name of a host: labels of a-z, 0-9 and -, with dots"
                            + " between them");
        }
    }

    private static void requireAddress(String value) {
        if (!isAddress(value)) {
            throw new IllegalArgumentException("'" + value + "' is not an address of IPv4 or IPv6");
        }
    }

    private static boolean isAddress(String value) {
        return IPAddress.isValidIPv4(value) || IPAddress.isValidIPv6(value);
    }

    /** The name of a device. */
    public static AlternativeName of(DeviceUrn urn) {
        return new AlternativeName(NameType.URI, urn.toString());
    }

    /** A host or an address, whichever it is. */
    public static AlternativeName ofServer(String hostOrAddress) {
        return isAddress(hostOrAddress)
                ? new AlternativeName(NameType.IP, hostOrAddress)
                : new AlternativeName(NameType.DNS, hostOrAddress.toLowerCase(Locale.ROOT));
    }

    /** As it is encoded. */
    public GeneralName toGeneralName() {
        return new GeneralName(type.tag, value);
    }

    /** Whether this is what stands encoded in a certificate. */
    boolean isEncodedAs(GeneralName name) {
        if (name.getTagNo() != type.tag) {
            return false;
        }
        if (type == NameType.IP) {
            byte[] address = ASN1OctetString.getInstance(name.getName()).getOctets();
            byte[] ours = ASN1OctetString.getInstance(toGeneralName().getName()).getOctets();
            return (address.length == 4 || address.length == 16) && Arrays.equals(address, ours);
        }
        return ASN1IA5String.getInstance(name.getName()).getString().equals(value);
    }
}

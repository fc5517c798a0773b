package io.muster.auth.x509.encoding;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/**
 * A name of the place where a part of an issuer's revocations is published: mostly a URI, sometimes
 * a name in a directory. It is compared octet by octet (RFC 5280, 4.2.1.13 and 5.2.5). Immutable.
 *
 * @param encoded the GeneralName in DER, in hexadecimal digits
 */
public record DistributionPointName(String encoded) {

    private static final int NAMES_MAX = 32;
    private static final int OCTETS_MAX = 16 * 1024;
    private static final int URI_TAG = DerReader.primitive(6);
    private static final int DIRECTORY_NAME_TAG = DerReader.constructed(4);
    private static final HexFormat HEX = HexFormat.of();

    /** The one that is this URI, in ASCII. */
    public static DistributionPointName uri(String uri) {
        byte[] text = uri.getBytes(StandardCharsets.US_ASCII);
        if (!new String(text, StandardCharsets.US_ASCII).equals(uri)) {
            throw new IllegalArgumentException("the address of a list is not in ASCII: " + uri);
        }
        return new DistributionPointName(HEX.formatHex(value(URI_TAG, text)));
    }

    /**
     * Reads a DistributionPointName.
     *
     * @param issuer whom relative names are relative to
     */
    public static Set<DistributionPointName> read(DerReader name, X500Principal issuer)
            throws MalformedException {
        if (name.remaining() > OCTETS_MAX) {
            throw name.malformed("a name of a list is longer than any");
        }
        Set<DistributionPointName> names =
                name.isNext(DerReader.constructed(0))
                        ? fullName(name.enter(DerReader.constructed(0)))
                        : relativeName(name.enter(DerReader.constructed(1)), issuer);
        name.requireEnd();
        return names;
    }

    private static Set<DistributionPointName> fullName(DerReader names) throws MalformedException {
        Set<DistributionPointName> read = new HashSet<>();
        do {
            read.add(new DistributionPointName(HEX.formatHex(names.encoded())));
            if (read.size() > NAMES_MAX) {
                throw names.malformed("more than %d names of a list".formatted(NAMES_MAX));
            }
        } while (!names.isAtEnd());
        return read;
    }

    private static Set<DistributionPointName> relativeName(DerReader part, X500Principal issuer)
            throws MalformedException {
        byte[] last = value(DerReader.SET, part.rest());
        byte[] above = new DerReader(issuer.getEncoded()).enter(DerReader.SEQUENCE).rest();
        byte[] all = Arrays.copyOf(above, above.length + last.length);
        System.arraycopy(last, 0, all, above.length, last.length);
        byte[] name = value(DIRECTORY_NAME_TAG, value(DerReader.SEQUENCE, all));
        return Set.of(new DistributionPointName(HEX.formatHex(name)));
    }

    /**
     * Where a certificate says that it would be listed. Points that name another issuer of the list
     * or only some reasons are left out, since such lists are not read here.
     */
    public static Set<DistributionPointName> of(X509Certificate certificate)
            throws MalformedException {
        byte[] extension = certificate.getExtensionValue("2.5.29.31");
        if (extension == null) {
            return Set.of();
        }
        DerReader points = Extensions.content(extension).enter(DerReader.SEQUENCE);
        Set<DistributionPointName> names = new HashSet<>();
        while (!points.isAtEnd()) {
            names.addAll(point(points.enter(DerReader.SEQUENCE), certificate));
            if (names.size() > NAMES_MAX) {
                throw points.malformed("more than %d names of lists".formatted(NAMES_MAX));
            }
        }
        return names;
    }

    private static Set<DistributionPointName> point(DerReader point, X509Certificate certificate)
            throws MalformedException {
        Set<DistributionPointName> names = Set.of();
        if (point.isNext(DerReader.constructed(0))) {
            names =
                    read(
                            point.enter(DerReader.constructed(0)),
                            certificate.getIssuerX500Principal());
        }
        return point.isAtEnd() ? names : Set.of();
    }

    private static byte[] value(int tag, byte[] content) {
        byte[] header = header(tag, content.length);
        byte[] value = Arrays.copyOf(header, header.length + content.length);
        System.arraycopy(content, 0, value, header.length, content.length);
        return value;
    }

    private static byte[] header(int tag, int length) {
        if (length < 0x80) {
            return new byte[] {(byte) tag, (byte) length};
        }
        if (length < 0x100) {
            return new byte[] {(byte) tag, (byte) 0x81, (byte) length};
        }
        if (length < 0x10000) {
            return new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        }
        throw new IllegalArgumentException("a name is longer than 65,535 octets");
    }

    /** The URI, or the octets of another name. */
    @Override
    public String toString() {
        byte[] name = HEX.parseHex(encoded);
        if ((name[0] & 0xff) != URI_TAG) {
            return "name " + encoded;
        }
        int header = (name[1] & 0xff) < 0x80 ? 2 : 2 + (name[1] & 0x7f);
        return new String(name, header, name.length - header, StandardCharsets.US_ASCII);
    }
}

package io.muster.auth.x509.crl;

import io.muster.auth.x509.algorithm.SignatureAlgorithm;
import io.muster.auth.x509.encoding.DerReader;
import io.muster.auth.x509.encoding.MalformedException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * A CertificateList of version 2 as it is written (RFC 5280, 5.1). Whether anybody signed it is not
 * known yet. Confined to one thread.
 */
record CrlDocument(
        SignedPart signed,
        X500Principal issuer,
        Instant thisUpdate,
        Optional<Instant> nextUpdate,
        CrlEntries entries,
        CrlExtensions extensions) {

    private static final int NAME_OCTETS_MAX = 8192;
    private static final int SIGNATURE_OCTETS_MAX = 2048;

    /** Reads one whose bytes nobody changes meanwhile. */
    static CrlDocument read(byte[] bytes, DerReader der)
            throws MalformedException, CrlRefusedException {
        DerReader list = der.enter(DerReader.SEQUENCE);
        der.requireEnd();
        int from = list.position();
        DerReader content = list.enter(DerReader.SEQUENCE);
        int to = list.position();
        byte[] algorithm = list.encoded();
        byte[] signature = list.bitString();
        list.requireEnd();
        if (signature.length > SIGNATURE_OCTETS_MAX) {
            throw list.malformed("the signature is longer than any");
        }

        requireVersion2(content);
        if (!Arrays.equals(content.encoded(), algorithm)) {
            throw content.malformed("two algorithms of the signature are named");
        }
        SignedPart signed = new SignedPart(bytes, from, to, algorithm(algorithm), signature);
        X500Principal issuer = name(content);
        Instant thisUpdate = content.time();
        Optional<Instant> nextUpdate =
                isTime(content) ? Optional.of(content.time()) : Optional.empty();
        CrlEntries entries =
                content.isNext(DerReader.SEQUENCE)
                        ? CrlEntries.read(bytes, content.enter(DerReader.SEQUENCE))
                        : CrlEntries.none();
        CrlExtensions extensions = extensions(content, issuer);
        content.requireEnd();
        return new CrlDocument(signed, issuer, thisUpdate, nextUpdate, entries, extensions);
    }

    private static void requireVersion2(DerReader content)
            throws MalformedException, CrlRefusedException {
        if (!content.isNext(DerReader.INTEGER) || content.integer(1).intValue() != 1) {
            throw new CrlRefusedException(CrlFailure.VERSION, "the list is not of version 2");
        }
    }

    private static SignatureAlgorithm algorithm(byte[] encoded)
            throws MalformedException, CrlRefusedException {
        DerReader content = new DerReader(encoded).enter(DerReader.SEQUENCE);
        String identifier = content.identifier();
        byte[] parameters = content.isAtEnd() ? null : content.encoded();
        content.requireEnd();
        return SignatureAlgorithm.of(identifier, parameters)
                .orElseThrow(
                        () ->
                                new CrlRefusedException(
                                        CrlFailure.SIGNATURE_ALGORITHM,
                                        "the list is signed by " + identifier));
    }

    private static X500Principal name(DerReader content) throws MalformedException {
        byte[] encoded = content.encoded();
        if (encoded.length > NAME_OCTETS_MAX) {
            throw content.malformed("the issuer's name is longer than any");
        }
        try {
            return new X500Principal(encoded);
        } catch (IllegalArgumentException e) {
            throw new MalformedException("the issuer has no name", e);
        }
    }

    private static boolean isTime(DerReader content) {
        return content.isNext(DerReader.UTC_TIME) || content.isNext(DerReader.GENERALIZED_TIME);
    }

    private static CrlExtensions extensions(DerReader content, X500Principal issuer)
            throws MalformedException, CrlRefusedException {
        int tag = DerReader.constructed(0);
        if (!content.isNext(tag)) {
            return CrlExtensions.NONE;
        }
        DerReader wrapper = content.enter(tag);
        DerReader extensions = wrapper.enter(DerReader.SEQUENCE);
        wrapper.requireEnd();
        return CrlExtensions.read(extensions, issuer);
    }
}

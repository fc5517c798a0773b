package io.muster.auth.x509.crl;

import io.muster.auth.x509.encoding.DerReader;
import io.muster.auth.x509.encoding.MalformedException;
import io.muster.auth.x509.encoding.Pem;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A list in DER, where it lies in the bytes of a file: nothing of it is looked at yet. Good for as
 * long as nobody changes these bytes.
 */
public final class EncodedCrl {

    private final byte[] bytes;
    private final int from;
    private final int to;

    private EncodedCrl(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
    }

    /**
     * The only list of a file.
     *
     * @param file in DER or PEM; PEM is decoded in place, so the bytes are good for nothing else
     * @throws CrlRefusedException if it has too many octets, several lists or none
     */
    public static EncodedCrl of(byte[] file) throws CrlRefusedException {
        if (file.length > CrlReader.OCTETS_MAX) {
            throw new CrlRefusedException(
                    CrlFailure.TOO_LARGE,
                    "the list has %d octets, at most %d are taken"
                            .formatted(file.length, CrlReader.OCTETS_MAX));
        }
        try {
            List<DerReader> lists = Pem.read(file, "X509 CRL");
            if (lists.size() > 1) {
                throw new MalformedException("there are %d lists".formatted(lists.size()));
            }
            DerReader list = lists.get(0);
            return new EncodedCrl(file, list.position(), list.position() + list.remaining());
        } catch (MalformedException e) {
            throw new CrlRefusedException(
                    CrlFailure.MALFORMED, "not a list of revocations: " + e.getMessage(), e);
        }
    }

    /** How many octets it has. */
    public int length() {
        return to - from;
    }

    /** Its octets, to be read only. */
    public ByteBuffer octets() {
        return ByteBuffer.wrap(bytes, from, to - from).slice().asReadOnlyBuffer();
    }

    CrlDocument document() throws MalformedException, CrlRefusedException {
        return CrlDocument.read(bytes, new DerReader(bytes, from, to));
    }
}

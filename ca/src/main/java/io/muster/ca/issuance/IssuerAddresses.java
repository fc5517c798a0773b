package io.muster.ca.issuance;

import io.muster.ca.SerialNumber;
import io.muster.ca.crl.CrlPartitions;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where others find what one generation of an authority publishes, as it is written into the
 * certificates that it issues, and so for as long as it lives: plain HTTP addresses, as what is
 * behind them is signed. Immutable.
 *
 * @param lists into how many revocation lists its certificates are divided, and where these are
 * @param certificate of its own certificate
 * @param responder of the responder (OCSP), if one runs
 */
public record IssuerAddresses(CrlPartitions lists, String certificate, @Nullable String responder) {

    /**
     * Checks that certificates can hold them.
     *
     * @throws IllegalArgumentException naming the one that they cannot
     */
    public IssuerAddresses {
        requireAbsolute(certificate);
        if (responder != null) {
            requireAbsolute(responder);
        }
    }

    private static void requireAbsolute(String address) {
        if (!URI.create(address).isAbsolute() || !address.chars().allMatch(c -> c < 0x80)) {
            throw new IllegalArgumentException(
                    "address '" + address + "' is not an absolute one of ASCII characters");
        }
    }

    /** Of the revocation list on which a certificate would be. */
    public String revocationList(SerialNumber serial) {
        return lists.address(lists.of(serial));
    }
}

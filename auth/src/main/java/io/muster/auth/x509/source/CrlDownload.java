package io.muster.auth.x509.source;

import io.muster.auth.x509.crl.CrlReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * A list on a web server, asked for only if it has changed. Plain HTTP is good enough, since the
 * list is signed.
 */
public final class CrlDownload implements CrlSource {

    private final URI address;
    private final Download download;
    private final Duration interval;

    /**
     * Asks this address.
     *
     * @param client see {@link Download}
     * @param timeout of the whole exchange
     * @param interval between two looks, at most; a list that ends before is asked for before
     * @param octetsMax of an answer, from 1 to {@link CrlReader#OCTETS_MAX}
     */
    public CrlDownload(
            URI address, HttpClient client, Duration timeout, Duration interval, int octetsMax) {
        if (octetsMax < 1 || octetsMax > CrlReader.OCTETS_MAX) {
            throw new IllegalArgumentException(
                    "octets of a list are limited to %d, not from 1 to %d"
                            .formatted(octetsMax, CrlReader.OCTETS_MAX));
        }
        this.address = address;
        this.download = new Download(address, client, timeout, octetsMax);
        this.interval = interval;
    }

    @Override
    public Optional<byte[]> fetch(boolean anyway) throws IOException, InterruptedException {
        return download.fetch(anyway);
    }

    @Override
    public Duration interval() {
        return interval;
    }

    @Override
    public String queue() {
        return "server " + address.getHost().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return address.toString();
    }
}

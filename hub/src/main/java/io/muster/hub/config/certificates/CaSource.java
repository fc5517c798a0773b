package io.muster.hub.config.certificates;

import io.muster.devices.certificate.Sha256;
import java.net.URI;
import java.nio.file.Path;
import java.util.Set;

/**
 * Where the certificate of an authority is, with those above it.
 *
 * @param place a file, or an address of http or https
 * @param pins of an address: the SHA-256 of each certificate that may be the authority's own. What
 *     comes over the network is trusted for these alone, whoever sends it
 * @param pinsAbove the same of those above it
 */
public record CaSource(String place, Set<Sha256> pins, Set<Sha256> pinsAbove) {

    /** Copies the sets. */
    public CaSource {
        pins = Set.copyOf(pins);
        pinsAbove = Set.copyOf(pinsAbove);
    }

    /** A file. */
    public static CaSource of(Path file) {
        return new CaSource(file.toString(), Set.of(), Set.of());
    }

    /** Whether it is fetched, and not read from a file. */
    public boolean isAddress() {
        return !pins.isEmpty();
    }

    /** The address. */
    public URI address() {
        return URI.create(place);
    }

    /** The file. */
    public Path file() {
        return Path.of(place);
    }

    @Override
    public String toString() {
        return place;
    }
}

package io.muster.auth.x509.source;

import io.muster.auth.x509.crl.CrlRefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A place where a list is published. Used by one thread at a time, which it blocks. */
public interface CrlSource {

    /**
     * The file that is there now, in DER or PEM; empty if it is the same as last time.
     *
     * @param anyway also if it is the same
     * @throws IOException if it cannot be had
     * @throws CrlRefusedException if it is too long to be looked at
     */
    Optional<byte[]> fetch(boolean anyway)
            throws IOException, CrlRefusedException, InterruptedException;

    /** How long to wait between two looks, at most. */
    Duration interval();

    /** The same for all sources that are to be asked one after the other, as those of a server. */
    String queue();
}

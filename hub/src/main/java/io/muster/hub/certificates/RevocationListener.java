package io.muster.hub.certificates;

import io.muster.devices.certificate.CertificateId;
import java.util.Collection;
import java.util.concurrent.CompletionStage;

/**
 * Is told of certificates that were revoked, after that is durable and before anybody gets an
 * answer. It has two things to do, in this order: nobody signs in with them any more from the
 * return of the call on, and the connections that were made with them end. Called by several
 * threads at once, none of them an event loop; must not block.
 */
@FunctionalInterface
public interface RevocationListener {

    /**
     * These are revoked, for ever. The same may be told more than once.
     *
     * @param revoked at most {@link #TOGETHER_MAX}; those of servers and authorities may be among
     *     them
     * @return a stage that ends when the connections are closed that were made with them; it fails
     *     if that is not known
     */
    CompletionStage<Void> revoked(Collection<CertificateId> revoked);

    /** So many are told at once at most. */
    int TOGETHER_MAX = 1000;
}

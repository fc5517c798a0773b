package io.muster.hub.certificates;

import io.muster.ca.ledger.Revocation;
import java.util.Map;

/** Issuers of the hub's own authority that are revoked. Shared by threads. */
public interface RevokedIssuers {

    /**
     * Those that there are, each with what was said when it, or its root, was revoked. Blocks if
     * there are any.
     *
     * @return by what the registry calls them
     */
    Map<String, Revocation> find();

    /** This is run whenever there may be more; it must not block. */
    void whenMore(Runnable told);
}

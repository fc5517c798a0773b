package io.muster.hub;

import io.muster.ca.ledger.view.LedgerRestoration.Restored;
import io.muster.hub.certificates.authority.AuthorityRestore;
import io.muster.hub.certificates.authority.OwnAuthority;
import io.muster.hub.config.HubConfig;
import java.time.Clock;
import java.util.Map;

/**
 * The authority of a hub that does not run: its data folder is held as long as this is open, so
 * that none can. Confined to one thread.
 */
public final class OfflineAuthority implements AutoCloseable {

    private final OpenParts open;
    private final OwnAuthority authority;

    private OfflineAuthority(OpenParts open, OwnAuthority authority) {
        this.open = open;
        this.authority = authority;
    }

    /**
     * Opens it, or makes it. Blocks.
     *
     * @throws HubStartException if a hub has the data folder, or something cannot be opened
     */
    public static OfflineAuthority open(HubConfig config) {
        OpenParts open = new OpenParts();
        try {
            Storage storage = Storage.open(config, open);
            Clock clock = Clock.systemUTC();
            OwnAuthority authority =
                    open.open(
                            Part.AUTHORITY,
                            () ->
                                    OwnAuthority.open(
                                            CertificateParts.setup(config),
                                            CertificateParts.records(storage),
                                            clock));
            return new OfflineAuthority(open, authority);
        } catch (RuntimeException | Error e) {
            open.close();
            throw e;
        }
    }

    /**
     * Takes over what published lists tell and the registry has forgotten.
     *
     * @param anew what begins anew since it is lost
     * @return what was done, by the names of issuers
     */
    public static Map<String, Restored> restore(HubConfig config, AuthorityRestore.Anew anew) {
        try (OpenParts open = new OpenParts()) {
            Storage storage = Storage.open(config, open);
            return open.run(
                    Part.AUTHORITY,
                    () ->
                            AuthorityRestore.run(
                                    CertificateParts.setup(config),
                                    CertificateParts.records(storage),
                                    Clock.systemUTC(),
                                    anew));
        }
    }

    /** The authority. */
    public OwnAuthority authority() {
        return authority;
    }

    @Override
    public void close() {
        open.close();
    }
}

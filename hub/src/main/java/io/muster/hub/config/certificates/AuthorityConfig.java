package io.muster.hub.config.certificates;

import io.muster.ca.crl.CrlTimes;
import io.muster.ca.key.KeyKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The hub's own certificate authority.
 *
 * @param enabled whether there is one
 * @param organization the domain of trust, which stands in the names of all
 * @param publicAddress what the addresses in certificates begin with; empty for the host's name and
 *     the port of the management API
 * @param storage where the private keys of the authority are
 * @param keys of which kinds they are
 * @param lists how it is told what is revoked
 * @param lives how long certificates of authorities are valid
 * @param server the hub's own certificates for TLS
 */
public record AuthorityConfig(
        boolean enabled,
        String organization,
        Optional<String> publicAddress,
        Storage storage,
        Keys keys,
        Lists lists,
        Lives lives,
        Server server) {

    /** What is in force unless something else is said. */
    public static final AuthorityConfig DEFAULT =
            new AuthorityConfig(
                    true,
                    "Muster",
                    Optional.empty(),
                    new Storage.Files(Optional.empty()),
                    new Keys(KeyKind.EC_P384, KeyKind.EC_P256, KeyKind.RSA_2048, KeyKind.EC_P256),
                    new Lists(16, CrlTimes.DEFAULT),
                    new Lives(Duration.ofDays(7300), Duration.ofDays(1825)),
                    new Server(
                            List.of(),
                            List.of(KeyKind.EC_P256, KeyKind.RSA_2048),
                            Duration.ofDays(90)));

    /** No authority. */
    public static final AuthorityConfig NONE = DEFAULT.withEnabled(false);

    /** The same, switched on or off. */
    public AuthorityConfig withEnabled(boolean other) {
        return new AuthorityConfig(
                other, organization, publicAddress, storage, keys, lists, lives, server);
    }

    /** Where the private keys of the authority are. */
    public sealed interface Storage {

        /**
         * Encrypted files in the data folder.
         *
         * @param passwordFile where their password is; empty for one that the hub makes beside them
         */
        record Files(Optional<Path> passwordFile) implements Storage {}

        /**
         * A token that is spoken to by PKCS#11.
         *
         * @param library the token's
         * @param slot which of those with a token, from 0
         * @param pinFile where its user's PIN is
         */
        record Token(Path library, int slot, Path pinFile) implements Storage {}
    }

    /**
     * Of which kinds the keys are that are made from now on.
     *
     * @param root the root's
     * @param deviceEc of the issuer of devices that is asked for as EC
     * @param deviceRsa of the issuer of devices that is asked for as RSA
     * @param servers of the issuer of servers
     */
    public record Keys(KeyKind root, KeyKind deviceEc, KeyKind deviceRsa, KeyKind servers) {}

    /**
     * How it is told what is revoked.
     *
     * @param partitions into how many lists the devices of an issuer are divided that is made from
     *     now on
     * @param times for how long a list is good
     */
    public record Lists(int partitions, CrlTimes times) {}

    /**
     * How long certificates are valid that are made from now on.
     *
     * @param root of roots
     * @param issuing of issuers
     */
    public record Lives(Duration root, Duration issuing) {}

    /**
     * The hub's own certificates for TLS.
     *
     * @param names hosts and addresses; empty for those of this machine
     * @param keys one certificate each
     * @param life how long each is valid; renewed in the last third
     */
    public record Server(List<String> names, List<KeyKind> keys, Duration life) {

        /** Copies the lists. */
        public Server {
            names = List.copyOf(names);
            keys = List.copyOf(keys);
        }
    }
}

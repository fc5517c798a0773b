package io.muster.hub.certificates.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.authority.AuthoritySettings;
import io.muster.ca.authority.Hierarchy;
import io.muster.ca.authority.HierarchySettings;
import io.muster.ca.authority.PublicAddresses;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuerAddresses;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.KeyStorage;
import io.muster.ca.key.PasswordFile;
import io.muster.ca.key.Pkcs11Token;
import io.muster.ca.key.Pkcs12Folder;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.config.certificates.AuthorityConfig.Storage;
import io.muster.hub.config.certificates.EnrolmentConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the configuration says, in the words of the authority.
 *
 * @param folder where its files are: keys, certificates, lists, audit chain
 * @param config as configured
 * @param addresses where authorities publish that are made from now on
 * @param deviceLife how long a certificate of a device is valid if nobody says otherwise
 */
public record AuthoritySetup(
        Path folder, AuthorityConfig config, PublicAddresses addresses, Duration deviceLife) {

    private static final Logger log = LoggerFactory.getLogger(AuthoritySetup.class);

    /** Stands in addresses where the system chooses the port, which no configuration may. */
    private static final int USUAL_PORT = 8080;

    /** One whose devices get certificates that are valid as long as is usual. */
    public AuthoritySetup(Path folder, AuthorityConfig config, PublicAddresses addresses) {
        this(folder, config, addresses, Duration.ofDays(EnrolmentConfig.DEFAULT.validDays()));
    }

    /**
     * The setup of a hub. Asks the system for the name of the host, if none is configured.
     *
     * @param responder where a responder (OCSP) is found behind the public address, {@code /ocsp}
     */
    public static AuthoritySetup of(HubConfig hub, Optional<String> responder) {
        AuthorityConfig config = hub.certificates().authority();
        String base = config.publicAddress().orElseGet(() -> served(hub.management()));
        @Nullable String asked = responder.map(path -> base + path).orElse(null);
        return new AuthoritySetup(
                hub.dataFolder().toAbsolutePath().normalize().resolve("ca"),
                config,
                new PublicAddresses(base, config.lists().partitions(), asked),
                Duration.ofDays(hub.certificates().enrolment().validDays()));
    }

    /** Where the management API is for whoever reaches it at all. */
    private static String served(HubConfig.Management management) {
        int port = management.port() == 0 ? USUAL_PORT : management.port();
        return "http://%s:%d".formatted(ThisHost.reached(management.bind()), port);
    }

    /** Before authorities are made, which keep for years what is chosen here for them. */
    void warnOfAddress() {
        if (ThisHost.isLoopback(URI.create(addresses.base()).getHost())) {
            log.warn(
                    "certificates will say that revocation lists are at {}/crl, where only"
                            + " programs of this machine find them; if others are to, set"
                            + " certificates.authority.public-address before the first start. What"
                            + " is made keeps its address, './muster ca rollover' makes another",
                    addresses.base());
        }
    }

    /** Says what is configured and has no effect, as authorities keep what they were made with. */
    void compare(Hierarchy hierarchy) {
        for (AuthoritySettings authority : hierarchy().issuing()) {
            IssuerId id = hierarchy.activeId(authority.name());
            IssuerAddresses kept = hierarchy.addresses(id);
            if (!kept.equals(addresses.of(id, authority.kind()))) {
                log.warn(
                        "issuer {} goes on publishing as it was made, at {}; what is configured"
                                + " now is for its next generation (./muster ca rollover)",
                        id,
                        kept.lists());
            }
        }
    }

    /** How long what an authority issues is valid, if nobody says otherwise. */
    Duration usualLife(String authority) {
        return switch (authority) {
            case OwnAuthority.ROOT -> config.lives().issuing();
            case OwnAuthority.SERVER -> config.server().life();
            default -> deviceLife;
        };
    }

    /** Where the certificates of authorities are. */
    Path certificates() {
        return folder.resolve("authorities");
    }

    /** Where the published lists are. */
    Path lists() {
        return folder.resolve("crl");
    }

    /** Where the audit chain is. */
    Path audit() {
        return folder.resolve("audit");
    }

    /** Where the hub's own certificates are, with their keys. */
    Path server() {
        return folder.resolve("server");
    }

    /** What the hub's own certificates name. Asks the system if nothing is configured. */
    List<String> serverNames() {
        List<String> configured = config.server().names();
        return configured.isEmpty() ? ThisHost.names() : configured;
    }

    HierarchySettings hierarchy() {
        AuthorityConfig.Keys keys = config.keys();
        Duration life = config.lives().issuing();
        return new HierarchySettings(
                config.organization(),
                authority(
                        OwnAuthority.ROOT,
                        CertificateKind.ROOT,
                        keys.root(),
                        config.lives().root(),
                        "Root"),
                List.of(
                        authority(
                                OwnAuthority.DEVICE_EC,
                                CertificateKind.DEVICE_ISSUING,
                                keys.deviceEc(),
                                life,
                                "Devices EC"),
                        authority(
                                OwnAuthority.DEVICE_RSA,
                                CertificateKind.DEVICE_ISSUING,
                                keys.deviceRsa(),
                                life,
                                "Devices RSA"),
                        authority(
                                OwnAuthority.SERVER,
                                CertificateKind.SERVER_ISSUING,
                                keys.servers(),
                                life,
                                "Servers")),
                addresses);
    }

    /** The organization stands beside it; the common name tells them apart for people. */
    private static AuthoritySettings authority(
            String name, CertificateKind kind, KeyKind key, Duration life, String commonName) {
        return new AuthoritySettings(name, kind, key, life, "Muster " + commonName);
    }

    /**
     * Where the keys are. A password of files that nobody has named is made with the first key.
     *
     * @throws io.muster.ca.key.KeyUnusableException if a token does not let us in
     * @throws IOException if a password cannot be written
     */
    KeyStorage keys(SecureRandom random) throws IOException {
        if (config.storage() instanceof Storage.Token token) {
            return Pkcs11Token.open(
                    token.library(), token.slot(), new PasswordFile(token.pinFile()));
        }
        Path named =
                config.storage() instanceof Storage.Files files
                        ? files.passwordFile().orElse(null)
                        : null;
        Path keys = folder.resolve("keys");
        PasswordFile password =
                new PasswordFile(named == null ? folder.resolve("password") : named);
        // Where there are keys, another password would only hide that theirs is lost.
        boolean isNew = named == null && Files.notExists(keys);
        return new Pkcs12Folder(keys, isNew ? password.createIfMissing(random) : password, random);
    }
}

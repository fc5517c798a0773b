package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.key.KeyKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which authorities there are.
 *
 * @param organization the domain of trust, which stands in the names of all of them; or null
 * @param root the one that signs the others
 * @param issuing those that it signs; each with a name of its own
 * @param addresses where the generations publish that are made from now on
 */
public record HierarchySettings(
        @Nullable String organization,
        AuthoritySettings root,
        List<AuthoritySettings> issuing,
        PublicAddresses addresses) {

    /**
     * Checks that they fit together.
     *
     * @throws IllegalArgumentException saying what does not
     */
    public HierarchySettings {
        issuing = List.copyOf(issuing);
        if (root.kind() != CertificateKind.ROOT) {
            throw new IllegalArgumentException("root '" + root.name() + "' is no root");
        }
        root.subject(new IssuerId(root.name(), 1), organization);
        for (AuthoritySettings authority : issuing) {
            if (authority.kind() == CertificateKind.ROOT) {
                throw new IllegalArgumentException("there is a second root, " + authority.name());
            }
        }
        long names = issuing.stream().map(AuthoritySettings::name).distinct().count();
        boolean rootsName =
                issuing.stream().map(AuthoritySettings::name).anyMatch(root.name()::equals);
        if (names != issuing.size() || rootsName) {
            throw new IllegalArgumentException("two authorities have one name");
        }
    }

    /**
     * A root, an issuer for devices and one for servers, with keys of elliptic curves.
     *
     * @param prefix how their common names begin: {@code Muster}
     */
    public static HierarchySettings usual(
            String prefix, String organization, PublicAddresses addresses) {
        return new HierarchySettings(
                organization,
                settings("root", CertificateKind.ROOT, KeyKind.EC_P384, prefix + " Root"),
                List.of(
                        settings(
                                "device-ec",
                                CertificateKind.DEVICE_ISSUING,
                                KeyKind.EC_P256,
                                prefix + " Devices EC"),
                        settings(
                                "server",
                                CertificateKind.SERVER_ISSUING,
                                KeyKind.EC_P256,
                                prefix + " Servers")),
                addresses);
    }

    private static AuthoritySettings settings(
            String name, CertificateKind kind, KeyKind key, String commonName) {
        Duration life = kind.usualLife();
        return new AuthoritySettings(name, kind, key, life, commonName);
    }

    /** The same with one more. */
    public HierarchySettings with(AuthoritySettings authority) {
        List<AuthoritySettings> more = new ArrayList<>(issuing);
        more.add(authority);
        return new HierarchySettings(organization, root, more, addresses);
    }

    List<AuthoritySettings> all() {
        List<AuthoritySettings> all = new ArrayList<>(issuing);
        all.add(0, root);
        return all;
    }

    AuthoritySettings of(String name) {
        return all().stream()
                .filter(authority -> authority.name().equals(name))
                .findAny()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "there is no authority '"
                                                + name
                                                + "'; there are "
                                                + all().stream()
                                                        .map(AuthoritySettings::name)
                                                        .toList()));
    }
}

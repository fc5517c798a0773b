package io.muster.hub.certificates.authority;

import io.muster.broker.net.tls.ServerCertificate;
import io.muster.ca.IssuerId;
import io.muster.ca.Owner;
import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.Validity;
import io.muster.ca.authority.CertificateOrder;
import io.muster.ca.issuance.AlternativeName;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.ProviderKey;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.hub.certificates.ledger.Names;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Issues certificates for the hub itself, and tells when another is needed. Shared by threads; it
 * blocks.
 */
final class ServerIssuing {

    private static final Owner OWNER = new Owner.Server("hub");
    private static final String ACTOR = "hub";
    private static final Base64.Encoder LINES =
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private final OwnAuthority authority;
    private final Subject subject;
    private final Duration life;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    /**
     * A certificate as it is kept.
     *
     * @param pem its key, and it, and its issuer's
     */
    record Issued(ServerCertificate certificate, String pem) {

        /** Without the key. */
        @Override
        public String toString() {
            return certificate.toString();
        }
    }

    ServerIssuing(OwnAuthority authority, List<String> names, Clock clock) {
        this.authority = authority;
        this.subject = Subject.server(names, authority.config().organization());
        this.life = authority.config().server().life();
        this.clock = clock;
    }

    /** By which names and addresses clients reach the hub. */
    List<String> names() {
        return subject.alternativeNames().stream().map(AlternativeName::value).toList();
    }

    Duration life() {
        return life;
    }

    /** Why a certificate does not do any more; empty if it does. */
    Optional<String> reasonToRenew(ServerCertificate stored) {
        X509Certificate own = stored.chain().get(0);
        Instant now = clock.instant();
        Validity validity =
                new Validity(own.getNotBefore().toInstant(), own.getNotAfter().toInstant());
        if (now.isBefore(validity.notBefore())) {
            return Optional.of("it is not valid yet");
        }
        if (!now.isBefore(validity.renewableFrom())) {
            return Optional.of("it is in the last third of its life");
        }
        if (!canonical(names()).equals(names(own))) {
            return Optional.of(
                    "the hub is called otherwise; certificates.authority.server.names says how");
        }
        return reasonOfIssuer(stored);
    }

    private Optional<String> reasonOfIssuer(ServerCertificate stored) {
        Optional<CertificateId> id = id(stored);
        if (id.isEmpty() || !id.get().issuer().equals(authority.activeId(OwnAuthority.SERVER))) {
            return Optional.of("another issuer has taken over");
        }
        Optional<LedgerEntry> entry = authority.find(id.get());
        if (entry.isEmpty()) {
            return Optional.of("it is not in the registry");
        }
        return entry.get().status() == LedgerEntry.Status.VALID
                ? Optional.empty()
                : Optional.of("it is revoked");
    }

    /** What the ledger calls a certificate; empty if another authority has issued it. */
    private Optional<CertificateId> id(ServerCertificate stored) {
        return issuer(stored)
                .map(
                        issuer ->
                                new CertificateId(
                                        issuer,
                                        new SerialNumber(
                                                stored.chain()
                                                        .get(0)
                                                        .getSerialNumber()
                                                        .longValueExact())));
    }

    /** Revokes one that is not shown any more, if it is good yet. */
    void supersede(ServerCertificate old) {
        id(old).filter(
                        id ->
                                authority.find(id).stream()
                                        .anyMatch(each -> each.isLive(clock.instant())))
                .ifPresent(
                        id -> {
                            authority.authority().revoke(id, RevocationReason.SUPERSEDED, ACTOR);
                            authority.lists().publish(List.of(Names.registered(id)));
                        });
    }

    private Optional<IssuerId> issuer(ServerCertificate stored) {
        if (stored.chain().size() != 2) {
            return Optional.empty();
        }
        X509Certificate wanted = stored.chain().get(1);
        return authority.hierarchy().certificates().entrySet().stream()
                .filter(each -> each.getValue().toJava().equals(wanted))
                .map(Map.Entry::getKey)
                .findAny();
    }

    private static Set<String> names(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? Set.of()
                    : canonical(names.stream().map(name -> String.valueOf(name.get(1))).toList());
        } catch (CertificateParsingException e) {
            return Set.of();
        }
    }

    /** Java writes addresses of IPv6 in another way than people. */
    private static Set<String> canonical(List<String> names) {
        return names.stream().map(ServerIssuing::canonical).collect(Collectors.toSet());
    }

    private static String canonical(String name) {
        if (AlternativeName.ofServer(name).type() != AlternativeName.NameType.IP) {
            return name;
        }
        try {
            // An address is not looked up.
            return InetAddress.getByName(name).getHostAddress();
        } catch (UnknownHostException e) {
            return name;
        }
    }

    /**
     * Issues one with a new key.
     *
     * @throws RuntimeException if the issuer cannot
     */
    Issued issue(KeyKind kind) {
        KeyPair pair = kind.generate(random);
        IssuanceProfile profile =
                IssuanceProfile.of(CertificateKind.SERVER)
                        .withKeys(Set.of(kind))
                        .withLife(life, life);
        LedgerEntry entry =
                authority
                        .authority()
                        .issue(
                                OwnAuthority.SERVER,
                                CertificateOrder.ofOwnKey(
                                        profile,
                                        subject,
                                        ProviderKey.of(ACTOR, pair),
                                        OWNER,
                                        ACTOR));
        IssuedCertificate own = entry.requireCertificate();
        IssuedCertificate issuer = authority.certificate(entry.id().issuer());
        return new Issued(
                new ServerCertificate(List.of(own.toJava(), issuer.toJava()), pair.getPrivate()),
                pem(pair.getPrivate()) + own.pem() + issuer.pem());
    }

    private static String pem(PrivateKey key) {
        return "-----BEGIN PRIVATE KEY-----\n"
                + LINES.encodeToString(key.getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
    }
}

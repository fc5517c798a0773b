package io.muster.ca.request;

import static org.assertj.core.api.Assertions.fail;

import io.muster.ca.DeviceUrn;
import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.key.KeyKind;
import io.muster.ca.request.KnownKeys.KeyHistory;
import io.muster.ca.weakkey.KeyBlocklist;
import java.io.IOException;
import java.io.StringReader;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** Where dev1 of pk1 asks for a certificate; everything is allowed that can be. */
final class Desk {

    static final String URI = "urn:device:pk1:dev1";
    static final Applicant DEV1 = Applicant.device(new DeviceUrn("pk1", "dev1"), Set.of("dev1"));
    static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    private final Map<KeyHash, KeyHistory> known = new HashMap<>();
    private KeyBlocklist blocklist = KeyBlocklist.published();
    private Set<KeyKind> kinds = EnumSet.allOf(KeyKind.class);
    private SubjectRule subject = SubjectRule.OWN_NAMES;
    private boolean sameKey;
    private RequestTerms terms = RequestTerms.NONE;
    private final Set<String> answered = new HashSet<>();
    private Instant issuerEnd = NOW.plus(Duration.ofDays(3650));

    Desk kinds(KeyKind first, KeyKind... others) {
        kinds = EnumSet.of(first, others);
        return this;
    }

    Desk subject(SubjectRule rule) {
        subject = rule;
        return this;
    }

    Desk sameKey() {
        sameKey = true;
        return this;
    }

    Desk lifetime(Duration wanted) {
        terms = terms.withLifetime(wanted);
        return this;
    }

    Desk requestKey(String key) {
        terms = terms.withRequestKey(key);
        return this;
    }

    /** A request with that key was granted before. */
    Desk answered(String key) {
        answered.add(key);
        return this;
    }

    Desk issuerEnd(Instant end) {
        issuerEnd = end;
        return this;
    }

    Desk knows(PublicKey key, KeyHistory history) {
        known.put(hash(key), history);
        return this;
    }

    Desk blocks(PublicKey key) {
        try {
            blocklist = KeyBlocklist.read(new StringReader(hash(key).hex()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return this;
    }

    AcceptedRequest accept(RequestBuilder request) throws RequestRefusedException {
        return accept(request.der());
    }

    AcceptedRequest accept(byte[] body) throws RequestRefusedException {
        return acceptance().accept(EncodedRequest.of(body), DEV1, policy(), terms, issuerEnd);
    }

    /** For another than dev1. */
    AcceptedRequest accept(RequestBuilder request, Applicant applicant)
            throws RequestRefusedException {
        return acceptance()
                .accept(EncodedRequest.of(request.der()), applicant, policy(), terms, issuerEnd);
    }

    AcceptedRequest renew(PublicKey key) throws RequestRefusedException {
        return acceptance()
                .acceptRenewal(
                        SubjectPublicKeyInfo.getInstance(key.getEncoded()),
                        DEV1,
                        policy(),
                        terms,
                        issuerEnd);
    }

    private RequestAcceptance acceptance() {
        return new RequestAcceptance(blocklist, this::historyOf, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private KeyHistory historyOf(KeyHash key, Owner asker, Optional<String> requestKey) {
        KeyHistory history = known.getOrDefault(key, KeyHistory.NONE);
        return new KeyHistory(
                history.holder(),
                history.inUse(),
                history.compromised(),
                asker.equals(DEV1.holder()) && requestKey.filter(answered::contains).isPresent());
    }

    private RequestPolicy policy() {
        return new RequestPolicy(
                kinds,
                subject,
                sameKey,
                Duration.ofHours(1),
                Duration.ofDays(365),
                Duration.ofDays(1095));
    }

    /** With which words this one is refused. */
    RequestRefusedException refusal(RequestBuilder request) {
        return refusal(request.der());
    }

    RequestRefusedException refusal(byte[] body) {
        try {
            accept(body);
        } catch (RequestRefusedException e) {
            return e;
        }
        return fail("was accepted");
    }

    static KeyHash hash(PublicKey key) {
        return KeyHash.of(key);
    }
}

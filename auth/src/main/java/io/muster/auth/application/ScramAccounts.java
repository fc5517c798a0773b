package io.muster.auth.application;

import io.muster.devices.application.Application;
import io.muster.devices.application.ApplicationLookup;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Finds what SCRAM needs of an account; shared by all threads.
 *
 * <p>For a name that has no verifier it makes one up, always the same for the name, so that asking
 * does not tell who has an account: its salt comes from the name and a key of the server. No
 * password fits it.
 */
final class ScramAccounts {

    private static final String ALGORITHM = "HmacSHA256";
    private static final int SALT_BYTES = 16;

    private final ApplicationLookup applications;
    private final int iterations;
    private final SecretKeySpec key;

    /**
     * The accounts of {@code applications}.
     *
     * @param iterations of verifiers that are made, and made up
     * @param key of the server; the same after a restart
     */
    ScramAccounts(ApplicationLookup applications, int iterations, byte[] key) {
        this.applications = applications;
        this.iterations = iterations;
        this.key = new SecretKeySpec(key, ALGORITHM);
    }

    /**
     * Who may stand behind a name.
     *
     * @param application the account; empty if no proof may be good
     * @param verifier its own, or one made up
     * @param refusal begins the sentence about a refusal for the operator's log
     */
    record Candidate(Optional<Application> application, ScramVerifier verifier, String refusal) {}

    /** How many iterations a verifier should have. */
    int iterations() {
        return iterations;
    }

    CompletionStage<Candidate> find(String username) {
        if (username.length() > ApplicationAuthenticator.USERNAME_LENGTH_MAX) {
            return CompletableFuture.completedFuture(unknown("user name is too long: ", username));
        }
        return applications
                .findApplication(username)
                .thenApply(found -> candidate(found, username));
    }

    private Candidate candidate(Optional<Application> found, String username) {
        if (found.isEmpty()) {
            return unknown("no such application: ", username);
        }
        return found.flatMap(Application::scramVerifier)
                .map(ScramVerifier::parse)
                .map(verifier -> new Candidate(found, verifier, "wrong password: "))
                .orElseGet(
                        () -> unknown("no SCRAM before a sign-in with the password: ", username));
    }

    private Candidate unknown(String refusal, String username) {
        byte[] salt = Arrays.copyOf(mac("salt ", username), SALT_BYTES);
        return new Candidate(
                Optional.empty(),
                ScramVerifier.mock(iterations, salt, mac("key ", username)),
                refusal);
    }

    private byte[] mac(String purpose, String username) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal((purpose + username).getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no " + ALGORITHM, e);
        }
    }
}

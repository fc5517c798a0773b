package io.muster.auth.application;

import com.ongres.scram.common.ScramFunctions;
import io.muster.auth.RegistryOutage;
import io.muster.auth.roles.ApplicationRoles;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.application.Application;
import io.muster.devices.application.ApplicationLookup;
import io.muster.devices.application.ApplicationUpgrade;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs applications in with user name and password, plain or by SCRAM-SHA-256; shared by all
 * threads, never blocks.
 *
 * <p>Passwords are hashed on a few threads of its own behind a short queue; when that is full, the
 * client is asked to come again. A password that was right or wrong before is recognized without
 * hashing, and clients that come with the same user name and password at the same time share one
 * hashing. An unknown user name costs the same hashing as a wrong password and gets the same
 * answer.
 *
 * <p>An account that has no verifier for SCRAM yet, or one with another number of iterations than
 * is wanted today, gets one when its password is next seen and found right.
 *
 * <p>An application keeps the client identifier that it sends (see {@link Identity}).
 */
public final class ApplicationAuthenticator implements EnhancedAuthenticator {

    private static final Logger log = LoggerFactory.getLogger(ApplicationAuthenticator.class);

    /** What the principals of applications begin with; the user name follows. */
    public static final String PRINCIPAL = "app:";

    /** What kind of client an application is, in the attributes of its identity. */
    public static final String KIND = "application";

    /**
     * The name of the attribute that tells by which password the application signed in, see {@link
     * Application#passwordMark}: that may have been changed since it was looked up.
     */
    public static final String PASSWORD_MARK = "passwordMark";

    static final int USERNAME_LENGTH_MAX = 64;

    /** The authentication method by which MQTT clients ask for SCRAM (RFC 7677). */
    static final String SCRAM_METHOD = "SCRAM-SHA-256";

    /** 24 of 93 characters are 156 bits. */
    private static final int NONCE_LENGTH = 24;

    private static final SecureRandom RANDOM = new SecureRandom();

    private static final int THREADS = 2;
    private static final int THREAD_IDLE_SECONDS = 30;

    /** At some 75 ms each and two threads, the last in the queue waits for 2.4 s. */
    private static final int QUEUE_CAPACITY = 64;

    private static final int REMEMBERED = 1_024;

    /** Some 500 bytes each. */
    private static final int REFUSED_REMEMBERED = 4_096;

    /** A hash with today's parameters of a password that nobody knows. */
    static final String UNKNOWN_HASH =
            "$argon2id$v=19$m=19456,t=2,p=1$mc1j/7oSoSTRk6hjsiSFlg$UZGe1O5HgBMtpsUxO0KaB8sAPHU4DkCXrFjkuj2+5eY";

    private final ApplicationLookup applications;
    private final ApplicationUpgrade upgrade;
    private final ApplicationRoles roles;
    private final ScramAccounts scram;
    private final ExecutorService hashing;

    /** What comes of attempts: empty is right, else why it is refused. */
    private final ConcurrentMap<String, CompletableFuture<Optional<AuthResult>>> underWay =
            new ConcurrentHashMap<>();

    private final VerifiedPasswords verified = new VerifiedPasswords(REMEMBERED);
    private final RefusedPasswords refused = new RefusedPasswords(REFUSED_REMEMBERED);

    /**
     * Signs in the applications that {@code applications} knows; starts its threads when needed.
     *
     * @param roles what they may do
     */
    ApplicationAuthenticator(
            ApplicationLookup applications,
            ApplicationUpgrade upgrade,
            ApplicationRoles roles,
            ScramAccounts scram) {
        this(applications, upgrade, roles, scram, hashingThreads());
    }

    ApplicationAuthenticator(
            ApplicationLookup applications,
            ApplicationUpgrade upgrade,
            ApplicationRoles roles,
            ScramAccounts scram,
            ExecutorService hashing) {
        this.applications = applications;
        this.upgrade = upgrade;
        this.roles = roles;
        this.scram = scram;
        this.hashing = hashing;
    }

    @Override
    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
        Optional<String> username = credentials.username();
        if (username.isEmpty() || username.get().indexOf('&') >= 0) {
            return CompletableFuture.completedFuture(AuthResult.abstain());
        }
        Optional<byte[]> password = credentials.password();
        if (password.isEmpty()) {
            return denied(DenyReason.BAD_CREDENTIALS, "no password");
        }
        if (username.get().length() > USERNAME_LENGTH_MAX
                || password.get().length > PasswordHash.PASSWORD_BYTES_MAX) {
            return denied(DenyReason.BAD_CREDENTIALS, "user name or password is too long");
        }
        String name = username.get();
        byte[] characters = password.get();
        return applications
                .findApplication(name)
                .thenCompose(
                        application ->
                                judge(application, name, characters)
                                        .thenApply(
                                                refusal ->
                                                        refusal.orElseGet(
                                                                () ->
                                                                        accept(
                                                                                application,
                                                                                credentials))))
                .exceptionally(RegistryOutage::answer);
    }

    @Override
    public Optional<Exchange> begin(String method, Credentials credentials) {
        return method.equals(SCRAM_METHOD)
                ? Optional.of(
                        new ScramExchange(
                                scram,
                                application -> accept(application, credentials),
                                ScramFunctions.nonce(NONCE_LENGTH, RANDOM)))
                : Optional.empty();
    }

    @Override
    public void close() {
        hashing.shutdownNow();
    }

    /** Why the password is refused; empty if it is right. */
    private CompletionStage<Optional<AuthResult>> judge(
            Optional<Application> application, String username, byte[] password) {
        String storedHash = application.map(Application::passwordHash).orElse(UNKNOWN_HASH);
        if (application.isPresent() && verified.contains(username, password, storedHash)) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        String attempt = verified.fingerprint(username, password, storedHash);
        if (refused.contains(attempt)) {
            return CompletableFuture.completedFuture(refusal(application, username));
        }
        CompletableFuture<Optional<AuthResult>> answer = new CompletableFuture<>();
        CompletableFuture<Optional<AuthResult>> sameAttempt = underWay.putIfAbsent(attempt, answer);
        if (sameAttempt != null) {
            return sameAttempt.copy();
        }
        answer.whenComplete((result, failure) -> underWay.remove(attempt, answer));
        try {
            hashing.execute(
                    () ->
                            answer.completeAsync(
                                    () -> verify(application, username, password, storedHash),
                                    Runnable::run));
        } catch (RejectedExecutionException e) {
            answer.complete(unavailable("too many passwords to check"));
        }
        // Copies, so that a caller who gives up does so for itself only.
        return answer.copy();
    }

    private static Optional<AuthResult> unavailable(String detail) {
        return Optional.of(AuthResult.deny(DenyReason.UNAVAILABLE, detail));
    }

    private Optional<AuthResult> verify(
            Optional<Application> application,
            String username,
            byte[] password,
            String storedHash) {
        // It may have been found right between the first look and the turn of this attempt.
        if (application.isPresent() && verified.contains(username, password, storedHash)) {
            return Optional.empty();
        }
        boolean matches;
        try {
            matches = PasswordHash.verify(password, storedHash);
        } catch (IllegalArgumentException e) {
            log.error("stored password hash unreadable application={}", username);
            return unavailable("the stored password hash cannot be read");
        }
        if (!matches || application.isEmpty()) {
            refused.add(verified.fingerprint(username, password, storedHash));
            return refusal(application, username);
        }
        verified.add(username, password, storedHash);
        bringUpToDate(application.get(), password);
        return Optional.empty();
    }

    private static Optional<AuthResult> refusal(
            Optional<Application> application, String username) {
        return Optional.of(
                AuthResult.deny(
                        DenyReason.BAD_CREDENTIALS,
                        (application.isPresent() ? "wrong password: " : "no such application: ")
                                + username));
    }

    /** Only here is the password known, and on a thread that may be busy with it. */
    private void bringUpToDate(Application application, byte[] password) {
        boolean upToDate =
                application
                        .scramVerifier()
                        .filter(text -> ScramVerifier.iterationsOf(text) == scram.iterations())
                        .isPresent();
        if (upToDate) {
            return;
        }
        StoredPassword.scramVerifier(
                        new String(password, StandardCharsets.UTF_8), scram.iterations())
                .ifPresent(verifier -> store(application, verifier));
    }

    private void store(Application application, String verifier) {
        var unused =
                upgrade.storeScramVerifier(application, verifier)
                        .whenComplete(
                                (done, failure) -> {
                                    if (failure == null) {
                                        log.info(
                                                "SCRAM verifier made application={}",
                                                application.username());
                                    } else {
                                        log.warn(
                                                "SCRAM verifier not stored application={} error={}",
                                                application.username(),
                                                failure.toString());
                                    }
                                });
    }

    private AuthResult accept(Optional<Application> application, Credentials credentials) {
        return accept(application.orElseThrow(), credentials);
    }

    /** It has proved who it is, so it may know that it is disabled. */
    private AuthResult accept(Application application, Credentials credentials) {
        String username = application.username();
        if (application.standing().isDisabled()) {
            return AuthResult.deny(
                    DenyReason.NOT_AUTHORIZED, "application is disabled: " + username);
        }
        TopicPermissions permissions;
        try {
            permissions = roles.permissions(application, credentials.clientIdentifier());
        } catch (IllegalArgumentException unfit) {
            return AuthResult.deny(
                    DenyReason.BAD_CLIENT_IDENTIFIER, String.valueOf(unfit.getMessage()));
        }
        return AuthResult.accept(
                new Identity(
                        PRINCIPAL + username,
                        "",
                        permissions,
                        Map.of(
                                "kind",
                                KIND,
                                "username",
                                username,
                                PASSWORD_MARK,
                                application.passwordMark())));
    }

    private static CompletionStage<AuthResult> denied(DenyReason reason, String detail) {
        return CompletableFuture.completedFuture(AuthResult.deny(reason, detail));
    }

    private static ExecutorService hashingThreads() {
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        THREAD_IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(QUEUE_CAPACITY),
                        task -> {
                            Thread thread = new Thread(task, "application-sign-in");
                            thread.setDaemon(true);
                            return thread;
                        });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }
}

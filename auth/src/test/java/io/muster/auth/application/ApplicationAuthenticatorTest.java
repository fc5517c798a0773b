package io.muster.auth.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.auth.BuiltInRole;
import io.muster.auth.Presented;
import io.muster.auth.roles.ApplicationRoles;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.application.Application;
import io.muster.devices.application.Application.Standing;
import io.muster.devices.application.ApplicationLookup;
import io.muster.devices.application.ApplicationUpgrade;
import io.muster.devices.roles.Role;
import io.muster.devices.roles.RoleRule;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApplicationAuthenticatorTest {

    private static final String PASSWORD = "correct horse";
    private static final int ITERATIONS = StoredPassword.SCRAM_ITERATIONS_MIN;
    private static final String HASH = PasswordHash.hash(PASSWORD);

    private final Map<String, String> accounts = new HashMap<>(Map.of("billing", HASH));
    private final Map<String, String> verifiers = new ConcurrentHashMap<>();
    private final ApplicationUpgrade upgrade =
            (application, verifier) -> {
                verifiers.put(application.username(), verifier);
                return CompletableFuture.completedFuture(null);
            };
    private final ApplicationLookup registry =
            username ->
                    CompletableFuture.completedFuture(
                            Optional.ofNullable(accounts.get(username))
                                    .map(hash -> account(username)));

    private final ApplicationRoles roles =
            new ApplicationRoles(
                    List.of(
                            Role.ALL_TOPICS,
                            new Role(
                                    "own",
                                    List.of(RoleRule.parse("allow any ${clientId}/#")),
                                    1,
                                    Instant.EPOCH,
                                    Instant.EPOCH)));

    private Standing standing = new Standing(List.of("all-topics"), false, 1);

    private Application account(String username) {
        return new Application(
                username,
                accounts.getOrDefault(username, ""),
                Optional.ofNullable(verifiers.get(username)),
                Instant.EPOCH,
                standing);
    }

    /** Counts what is hashed; the thread that runs it is not the test's. */
    private final ThreadPoolExecutor hashing =
            new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>());

    private final ApplicationAuthenticator authenticator = authenticator(registry, hashing);

    @AfterEach
    void close() {
        authenticator.close();
    }

    @Test
    void admitsAnApplicationThatLeavesItsSessionsNameToTheClient() {
        Identity identity = Presented.identity(answer("billing", PASSWORD));

        assertThat(identity.principal()).isEqualTo("app:billing");
        assertThat(identity.clientIdentifier()).isEmpty();
        assertThat(identity.attributes())
                .isEqualTo(
                        Map.of(
                                "kind",
                                "application",
                                "username",
                                "billing",
                                "passwordMark",
                                account("billing").passwordMark()));
        assertThat(identity.permissions().maySubscribe("$muster/#")).isTrue();
    }

    @Test
    void tellsADisabledOneSoOnceItHasProvedWhoItIs() {
        standing = new Standing(List.of("all-topics"), true, 2);

        assertThat(reason("billing", PASSWORD)).isEqualTo(DenyReason.NOT_AUTHORIZED);
        assertThat(reason("billing", "wrong")).isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void givesEachClientPermissionsOfItsOwnAlsoWhereTheyShareOneHashing() {
        standing = new Standing(List.of("own"), false, 2);

        List<CompletableFuture<AuthResult>> answers =
                Stream.of("one", "two")
                        .map(
                                client ->
                                        Presented.by(
                                                client,
                                                Optional.of("billing"),
                                                Optional.of(PASSWORD)))
                        .map(each -> authenticator.authenticate(each).toCompletableFuture())
                        .toList();

        TopicPermissions one = Presented.identity(answers.get(0).join()).permissions();
        TopicPermissions two = Presented.identity(answers.get(1).join()).permissions();
        assertThat(one.mayPublish("one/x")).isTrue();
        assertThat(one.mayPublish("two/x")).isFalse();
        assertThat(two.mayPublish("two/x")).isTrue();
        assertThat(two.maySubscribe("one/#")).isFalse();
        assertThat(hashing.getTaskCount()).isOne();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "+", "#", "$x", "a+b"})
    void refusesAClientIdentifierThatARuleCannotHold(String clientId) {
        standing = new Standing(List.of("own"), false, 2);

        assertThat(
                        Presented.reason(
                                authenticator
                                        .authenticate(
                                                Presented.by(
                                                        clientId,
                                                        Optional.of("billing"),
                                                        Optional.of(PASSWORD)))
                                        .toCompletableFuture()
                                        .join()))
                .isEqualTo(DenyReason.BAD_CLIENT_IDENTIFIER);
    }

    @Test
    void refusesAWrongPasswordAndAnUnknownNameAlikeAfterHashingBoth() {
        assertThat(reason("billing", "wrong")).isEqualTo(DenyReason.BAD_CREDENTIALS);
        awaitHashed(1);
        assertThat(reason("nobody", "wrong")).isEqualTo(DenyReason.BAD_CREDENTIALS);
        awaitHashed(2);
        assertThat(reason("nobody", PASSWORD)).isEqualTo(DenyReason.BAD_CREDENTIALS);
        awaitHashed(3);
    }

    @Test
    void theStandInForUnknownNamesCostsWhatARealHashCosts() {
        String parameters = HASH.substring(0, HASH.indexOf("p=1"));

        assertThat(ApplicationAuthenticator.UNKNOWN_HASH)
                .startsWith(parameters)
                .hasSameSizeAs(HASH);
    }

    @Test
    void abstainsWithoutAUserNameAndFromTheUserNameOfADevice() {
        assertThat(Presented.answer(authenticator, Presented.nothing("c")))
                .isInstanceOf(AuthResult.Abstain.class);
        assertThat(answer("dev1&pk1", PASSWORD)).isInstanceOf(AuthResult.Abstain.class);
    }

    @Test
    void refusesAMissingPasswordAndOverlongNamesAndPasswordsWithoutHashing() {
        Credentials without = Presented.by("c", Optional.of("billing"), Optional.empty());

        assertThat(Presented.reason(Presented.answer(authenticator, without)))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(reason("x".repeat(65), PASSWORD)).isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(reason("billing", "x".repeat(257))).isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(hashing.getTaskCount()).isZero();
    }

    @Test
    void recognizesAPasswordThatWasRightBeforeWithoutHashing() {
        answer("billing", PASSWORD);
        awaitHashed(1);

        assertThat(Presented.answer(authenticator, credentials("billing", PASSWORD)))
                .isInstanceOf(AuthResult.Accept.class);
        assertThat(hashing.getTaskCount()).isOne();
    }

    @Test
    void doesNotTakeAWrongPasswordForTheOneThatWasRightBefore() {
        answer("billing", PASSWORD);

        assertThat(reason("billing", "wrong")).isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(reason("billing", "wrong")).isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void recognizesWhatWasRefusedBeforeWithoutHashingWhetherTheNameIsKnownOrNot() {
        for (String name : List.of("billing", "nobody")) {
            long before = hashing.getTaskCount();
            assertThat(reason(name, "wrong")).isEqualTo(DenyReason.BAD_CREDENTIALS);
            AuthResult first = answer(name, "wrong");
            assertThat(hashing.getTaskCount()).isEqualTo(before + 1);
            assertThat(answer(name, "wrong other")).isEqualTo(first);
            assertThat(hashing.getTaskCount()).isEqualTo(before + 2);
        }
    }

    @Test
    void aPasswordThatWasRefusedIsRightOnceItIsTheAccounts() {
        assertThat(reason("billing", "new password")).isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(reason("nobody", PASSWORD)).isEqualTo(DenyReason.BAD_CREDENTIALS);
        accounts.put("billing", PasswordHash.hash("new password"));
        accounts.put("nobody", HASH);

        assertThat(answer("billing", "new password")).isInstanceOf(AuthResult.Accept.class);
        assertThat(answer("nobody", PASSWORD)).isInstanceOf(AuthResult.Accept.class);
    }

    @Test
    void remembersOnlyTheRefusalsThatWereAskedForLast() {
        RefusedPasswords refused = new RefusedPasswords(2);
        refused.add("a");
        refused.add("b");
        assertThat(refused.contains("a")).isTrue();
        refused.add("c");

        assertThat(List.of("a", "b", "c")).filteredOn(refused::contains).containsExactly("a", "c");
    }

    @Test
    void aChangedPasswordEndsTheMemoryOfTheOldOne() {
        answer("billing", PASSWORD);
        accounts.put("billing", PasswordHash.hash("new password"));

        assertThat(reason("billing", PASSWORD)).isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(answer("billing", "new password")).isInstanceOf(AuthResult.Accept.class);
    }

    @Test
    void aRemovedAccountEndsTheMemoryOfItsPassword() {
        answer("billing", PASSWORD);
        accounts.remove("billing");

        assertThat(reason("billing", PASSWORD)).isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void neverHashesOnTheCallersThread() {
        CompletableFuture<Void> release = new CompletableFuture<>();
        hashing.execute(release::join);

        CompletableFuture<AuthResult> result =
                authenticator.authenticate(credentials("billing", PASSWORD)).toCompletableFuture();

        assertThat(result).isNotDone();
        release.complete(null);
        assertThat(result.join()).isInstanceOf(AuthResult.Accept.class);
    }

    @Test
    void clientsOfOneAccountThatComeTogetherShareOneHashing() {
        CompletableFuture<Void> release = new CompletableFuture<>();
        hashing.execute(release::join);
        List<CompletableFuture<AuthResult>> results =
                Stream.generate(() -> credentials("billing", PASSWORD))
                        .limit(500)
                        .map(each -> authenticator.authenticate(each).toCompletableFuture())
                        .toList();
        CompletableFuture<AuthResult> wrong =
                authenticator.authenticate(credentials("billing", "wrong")).toCompletableFuture();
        results.get(0).cancel(false);

        release.complete(null);

        assertThat(results.subList(1, 500))
                .allSatisfy(
                        result -> assertThat(result.join()).isInstanceOf(AuthResult.Accept.class));
        assertThat(Presented.reason(wrong.join())).isEqualTo(DenyReason.BAD_CREDENTIALS);
        awaitHashed(3);
        assertThat(hashing.getTaskCount()).isEqualTo(3);
    }

    @Test
    void asksTheClientToComeAgainWhenTooManyPasswordsWait() {
        ThreadPoolExecutor full =
                new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(1));
        CompletableFuture<Void> release = new CompletableFuture<>();
        full.execute(release::join);
        full.execute(release::join);
        try (ApplicationAuthenticator busy = authenticator(registry, full)) {
            assertThat(Presented.reason(Presented.answer(busy, credentials("billing", PASSWORD))))
                    .isEqualTo(DenyReason.UNAVAILABLE);
            release.complete(null);
        }
    }

    @Test
    void aRegistryThatCannotBeAskedIsNotAnUnknownAccount() {
        ApplicationAuthenticator cut =
                authenticator(
                        username ->
                                CompletableFuture.failedFuture(
                                        new RegistryUnavailableException(
                                                "closed", new IllegalStateException())),
                        hashing);

        assertThat(Presented.reason(Presented.answer(cut, credentials("billing", PASSWORD))))
                .isEqualTo(DenyReason.UNAVAILABLE);
    }

    @Test
    void aDamagedStoredHashRefuses() {
        accounts.put("billing", "plain text");

        assertThat(reason("billing", "plain text")).isEqualTo(DenyReason.UNAVAILABLE);
    }

    @Test
    void noRefusalShowsThePassword() {
        assertThat(answer("billing", "hunter2").toString()).doesNotContain("hunter2");
    }

    @Test
    void theBuiltInKindWorksWithThreadsOfItsOwnAndEndsThem() {
        ApplicationProvider provider =
                new ApplicationProvider(
                        registry, upgrade, BuiltInRole.roles(), ITERATIONS, new byte[32]);
        Authenticator made =
                provider.create(new AuthenticatorProvider.Settings("applications", Map.of()));
        Credentials right = credentials("billing", PASSWORD);

        assertThat(provider.type()).isEqualTo("application");
        assertThat(made.authenticate(right).toCompletableFuture().join())
                .isInstanceOf(AuthResult.Accept.class);
        made.close();
        assertThat(Presented.reason(Presented.answer(made, credentials("billing", "other"))))
                .isEqualTo(DenyReason.UNAVAILABLE);
    }

    @Test
    void remembersOnlyTheApplicationsThatSignedInLast() {
        VerifiedPasswords verified = new VerifiedPasswords(2);
        byte[] password = {1, 2, 3};
        verified.add("a", password, HASH);
        verified.add("b", password, HASH);
        assertThat(verified.contains("a", password, HASH)).isTrue();
        verified.add("c", password, HASH);

        assertThat(verified.contains("a", password, HASH)).isTrue();
        assertThat(verified.contains("b", password, HASH)).isFalse();
        assertThat(verified.contains("c", password, HASH)).isTrue();
        assertThat(verified.contains("c", password, "other hash")).isFalse();
        assertThat(verified.contains("c", new byte[] {1, 2}, HASH)).isFalse();
    }

    @Test
    void anOlderAccountGetsItsScramVerifierWhenItsPasswordIsSeen() {
        answer("billing", "wrong");
        assertThat(verifiers).isEmpty();

        answer("billing", PASSWORD);

        ScramVerifier made = ScramVerifier.parse(verifiers.getOrDefault("billing", ""));
        assertThat(made.iterations()).isEqualTo(ITERATIONS);
        assertThat(made.encoded())
                .isEqualTo(
                        ScramVerifier.of(
                                        PASSWORD,
                                        Base64.getDecoder().decode(made.saltText()),
                                        ITERATIONS)
                                .orElseThrow()
                                .encoded());
    }

    @Test
    void aVerifierOfTodayStays() {
        String today = StoredPassword.scramVerifier(PASSWORD, ITERATIONS).orElseThrow();
        verifiers.put("billing", today);

        answer("billing", PASSWORD);

        assertThat(verifiers).containsEntry("billing", today);
    }

    @Test
    void aVerifierWithOtherIterationsOrADamagedOneIsMadeAnew() {
        verifiers.put("billing", StoredPassword.scramVerifier(PASSWORD, 4096).orElseThrow());
        accounts.put("other", HASH);
        verifiers.put("other", "damaged");

        assertThat(answer("billing", PASSWORD)).isInstanceOf(AuthResult.Accept.class);
        assertThat(answer("other", PASSWORD)).isInstanceOf(AuthResult.Accept.class);

        assertThat(verifiers.values())
                .allSatisfy(
                        verifier ->
                                assertThat(ScramVerifier.parse(verifier).iterations())
                                        .isEqualTo(ITERATIONS));
    }

    @Test
    void aPasswordThatScramCannotCarryIsGoodForThePlainWay() {
        String odd = "bell \u0007 rings";
        accounts.put("billing", PasswordHash.hash(odd));

        assertThat(answer("billing", odd)).isInstanceOf(AuthResult.Accept.class);
        assertThat(verifiers).isEmpty();
        assertThat(StoredPassword.of(odd, ITERATIONS).scramVerifier()).isEmpty();
    }

    @Test
    void anUpgradeThatFailsRefusesNobody() {
        ApplicationAuthenticator cut =
                new ApplicationAuthenticator(
                        registry,
                        (application, verifier) ->
                                CompletableFuture.failedFuture(
                                        new RegistryUnavailableException("closed")),
                        BuiltInRole.roles(),
                        new ScramAccounts(registry, ITERATIONS, new byte[32]),
                        hashing);

        assertThat(cut.authenticate(credentials("billing", PASSWORD)).toCompletableFuture().join())
                .isInstanceOf(AuthResult.Accept.class);
    }

    @Test
    void whatIsStoredOfAPasswordIsNotPrinted() {
        StoredPassword stored = StoredPassword.of(PASSWORD, ITERATIONS);

        assertThat(PasswordHash.verify(PASSWORD.getBytes(StandardCharsets.UTF_8), stored.hash()))
                .isTrue();
        assertThat(stored.scramVerifier()).isPresent();
        assertThat(stored.toString()).isEqualTo("StoredPassword[]");
    }

    private ApplicationAuthenticator authenticator(
            ApplicationLookup lookup, ThreadPoolExecutor threads) {
        return new ApplicationAuthenticator(
                lookup,
                upgrade,
                roles,
                new ScramAccounts(lookup, ITERATIONS, new byte[32]),
                threads);
    }

    private void awaitHashed(long count) {
        await().untilAsserted(() -> assertThat(hashing.getCompletedTaskCount()).isEqualTo(count));
    }

    private AuthResult answer(String username, String password) {
        return authenticator
                .authenticate(credentials(username, password))
                .toCompletableFuture()
                .join();
    }

    private DenyReason reason(String username, String password) {
        return Presented.reason(answer(username, password));
    }

    private static Credentials credentials(String username, String password) {
        return Presented.by("client-1", username, password);
    }
}

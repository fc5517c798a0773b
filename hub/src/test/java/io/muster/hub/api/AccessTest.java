package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.auth.spi.DenyReason;
import io.muster.devices.registry.operators.ApiKey;
import io.muster.devices.registry.operators.ApiKey.Expiry;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.HttpCaller;
import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.api.access.Operators;
import io.muster.hub.api.http.Json;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may come in, and what he may do then. */
class AccessTest {

    private static final String API = "/api/v1";
    private static final String ACCOUNTS = API + "/accounts";
    private static final String KEYS = API + "/api-keys";
    private static final String DEVICE = API + "/products/pump/devices/d1";
    private static final String PASSWORD = "correct horse";

    private ApiFixture api;

    @BeforeEach
    void start(@TempDir Path folder) {
        api = ApiFixture.start(folder);
        api.operator().post(API + "/products", "{\"productKey\":\"pump\"}");
        api.operator().post(API + "/products/pump/devices", "{\"deviceKey\":\"d1\"}");
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private HttpCaller key(Role role) {
        return caller(api.operators().keys().create(role.word(), role, Expiry.NEVER));
    }

    private HttpCaller caller(ApiKey key) {
        return api.operator().withToken(Operators.bearerOf(key.id(), key.secret()));
    }

    private Answer createAccount(String username, String role) {
        return api.operator()
                .post(
                        ACCOUNTS,
                        "{\"username\":\"%s\",\"password\":\"%s\",\"role\":\"%s\"}"
                                .formatted(username, PASSWORD, role));
    }

    @Test
    void whoMayNotDoItLeavesEverythingAsItWas() {
        assertThat(key(Role.READ).delete(DEVICE).status()).isEqualTo(403);
        assertThat(key(Role.READ).post(DEVICE + "/disable").status()).isEqualTo(403);

        assertThat(api.operator().get(DEVICE).text()).contains("INACTIVE");
    }

    @Test
    void aReaderSeesNoSecret() {
        HttpCaller reader = key(Role.READ);

        assertThat(reader.get(API + "/products/pump/devices").text()).doesNotContain("ecret");
        assertThat(reader.get(DEVICE).text()).doesNotContain("ecret");
        assertThat(reader.get(API + "/products/pump").text()).doesNotContain("ecret");
    }

    @Test
    void anAccountComesInWithItsPasswordAndHasItsRole() {
        Answer created = createAccount("anna", "operate");

        HttpCaller anna = api.operator().withPassword("anna", PASSWORD);
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("Location")).isEqualTo(ACCOUNTS + "/anna");
        assertThat(created.text()).doesNotContain(PASSWORD, "argon2");
        assertThat(anna.get(API + "/me").text())
                .isEqualTo("{\"kind\":\"account\",\"name\":\"anna\",\"role\":\"operate\"}");
        assertThat(anna.post(DEVICE + "/disable").status()).isEqualTo(200);
        assertThat(anna.get(ACCOUNTS).status()).isEqualTo(403);
    }

    @Test
    void aWrongPasswordAndAnUnknownNameLookTheSame() {
        createAccount("anna", "read");

        Answer wrong = api.operator().withPassword("anna", "another horse").get(API + "/me");
        Answer unknown = api.operator().withPassword("bert", PASSWORD).get(API + "/me");

        assertThat(wrong.status()).isEqualTo(401);
        assertThat(wrong.text()).isEqualTo(unknown.text());
        assertThat(unknown.status()).isEqualTo(401);
    }

    @Test
    void whoGuessesAPasswordIsBarredForSomeTimeAndNobodyElseIs() {
        createAccount("anna", "read");
        createAccount("bert", "read");
        for (int i = 0; i < 5; i++) {
            api.operator().withPassword("anna", "wrong-password-" + i).get(API + "/me");
        }

        Answer barred = api.operator().withPassword("anna", PASSWORD).get(API + "/me");

        assertThat(barred.status()).isEqualTo(401);
        assertThat(barred.text()).contains("too many wrong passwords");
        assertThat(api.operator().withPassword("bert", PASSWORD).get(API + "/me").status())
                .isEqualTo(200);
        assertThat(api.operator().get(API + "/me").status()).isEqualTo(200);
    }

    @Test
    void aChangedRoleAndADisabledAccountHoldAtOnce() {
        createAccount("anna", "admin");
        HttpCaller anna = api.operator().withPassword("anna", PASSWORD);
        assertThat(anna.get(ACCOUNTS).status()).isEqualTo(200);

        api.operator().patch(ACCOUNTS + "/anna", "{\"role\":\"read\"}");
        assertThat(anna.get(ACCOUNTS).status()).isEqualTo(403);
        api.operator().patch(ACCOUNTS + "/anna", "{\"disabled\":true}");
        assertThat(anna.get(API + "/me").status()).isEqualTo(401);
        api.operator().patch(ACCOUNTS + "/anna", "{\"disabled\":false}");
        assertThat(anna.get(API + "/me").status()).isEqualTo(200);
        api.operator().delete(ACCOUNTS + "/anna");
        assertThat(anna.get(API + "/me").status()).isEqualTo(401);
    }

    @Test
    void aNewPasswordEndsTheOneBefore() {
        createAccount("anna", "read");
        HttpCaller before = api.operator().withPassword("anna", PASSWORD);
        assertThat(before.get(API + "/me").status()).isEqualTo(200);

        api.operator().patch(ACCOUNTS + "/anna", "{\"password\":\"new password\"}");

        assertThat(before.get(API + "/me").status()).isEqualTo(401);
        assertThat(api.operator().withPassword("anna", "new password").get(API + "/me").status())
                .isEqualTo(200);
    }

    @Test
    void oneChangesOnesOwnPasswordWhoKnowsThePresentOne() {
        createAccount("anna", "read");
        HttpCaller anna = api.operator().withPassword("anna", PASSWORD);
        String change = "{\"presentPassword\":\"%s\",\"password\":\"another horse\"}";

        Answer wrong = anna.patch(API + "/me", change.formatted("wrong horse"));
        Answer right = anna.patch(API + "/me", change.formatted(PASSWORD));

        ApiFixture.assertProblem(wrong, 403, "'presentPassword' is not right");
        assertThat(right.status()).isEqualTo(200);
        assertThat(anna.get(API + "/me").status()).isEqualTo(401);
        assertThat(api.operator().withPassword("anna", "another horse").get(API + "/me").status())
                .isEqualTo(200);
        ApiFixture.assertProblem(
                api.operator().patch(API + "/me", change.formatted(PASSWORD)),
                403,
                "only an account has a password");
    }

    @Test
    void aRotatedKeyComesInWithBothSecretsUntilTheOverlapIsOver() {
        ApiKey key = api.operators().keys().create("k", Role.READ, Expiry.NEVER);
        HttpCaller before = caller(key);
        String secret = KEYS + "/" + key.id() + "/secret";

        JsonNode rotated = api.operator().post(secret, "{\"overlapSeconds\":60}").json();

        HttpCaller after = api.operator().withToken(rotated.path("token").asText());
        assertThat(rotated.path("previousGoodUntil").asText()).isNotEmpty();
        assertThat(after.get(API + "/me").status()).isEqualTo(200);
        assertThat(before.get(API + "/me").status()).isEqualTo(200);
        api.operator().post(secret, "{\"overlapSeconds\":0}");
        assertThat(before.get(API + "/me").status()).isEqualTo(401);
        assertThat(after.get(API + "/me").status()).isEqualTo(401);
        assertThat(api.operator().get(KEYS).text()).doesNotContain("ecret");
    }

    @Test
    void aKeyIsShownOnceAndComesIn() {
        Answer created = api.operator().post(KEYS, "{\"name\":\"billing\",\"role\":\"operate\"}");
        JsonNode key = created.json();
        String id = key.path("id").asText();

        assertThat(created.status()).isEqualTo(201);
        assertThat(key.path("token").asText()).isEqualTo(id + "." + key.path("secret").asText());
        assertThat(api.operator().get(KEYS).text()).contains("billing").doesNotContain("ecret");
        assertThat(api.operator().get(KEYS + "/" + id).text())
                .doesNotContain(key.path("secret").asText());
        assertThat(api.operator().withToken(key.path("token").asText()).get(API + "/me").json())
                .isEqualTo(Json.object().put("kind", "key").put("name", id).put("role", "operate"));
    }

    @Test
    void aKeyThatIsDisabledOrDeletedOrOverIsRefusedAtOnce() {
        ApiKey key = api.operators().keys().create("k", Role.READ, Expiry.NEVER);
        HttpCaller caller = caller(key);
        assertThat(caller.get(API + "/me").status()).isEqualTo(200);

        api.operator().patch(KEYS + "/" + key.id(), "{\"disabled\":true}");
        assertThat(caller.get(API + "/me").status()).isEqualTo(401);
        api.operator().patch(KEYS + "/" + key.id(), "{\"disabled\":false}");
        assertThat(caller.get(API + "/me").status()).isEqualTo(200);
        api.operator().delete(KEYS + "/" + key.id());
        assertThat(caller.get(API + "/me").status()).isEqualTo(401);

        ApiKey over =
                api.operators()
                        .keys()
                        .create(
                                "over",
                                Role.ADMIN,
                                new Expiry(Optional.of(Instant.now().minusSeconds(1))));
        assertThat(caller(over).get(API + "/me").text()).contains("disabled or expired");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "x.", "%s.", "%s.wrong", ".%s", "Basic %s"})
    void whatIsNoKeyDoesNotComeIn(String form) {
        ApiKey key = api.operators().keys().create("k", Role.READ, Expiry.NEVER);

        Answer answer = api.operator().withToken(form.formatted(key.id())).get(API + "/me");

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer realm=\"muster\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic", "Basic !", "Basic YQ==", "Basic /w==", "Digest x", "x"})
    void whatCannotBeReadIsRefused(String authorization) {
        assertThat(api.operator().withAuthorization(authorization).get(API + "/me").status())
                .isEqualTo(401);
    }

    @Test
    void aNameThatNobodyCanHaveIsCountedAndNoRegistryIsAsked() {
        api.database().close();
        InetSocketAddress from = new InetSocketAddress("192.0.2.7", 40_000);
        for (String name : List.of("a\0b", "a b", "n".repeat(65), "")) {
            List<DenyReason> reasons =
                    IntStream.range(0, 6)
                            .mapToObj(i -> api.operators().password(name, "wrong", from))
                            .map(answer -> ((Operators.Answer.Refused) answer).reason())
                            .toList();
            assertThat(reasons.subList(0, 5)).containsOnly(DenyReason.BAD_CREDENTIALS);
            assertThat(reasons.get(5)).isEqualTo(DenyReason.BANNED);
        }
        assertThat(api.operators().findKey("a\0b")).isEmpty();
    }

    @Test
    void theOperatorTokenGoesOnWhenAllElseIsGoneEvenTheRegistry() {
        assertThat(api.operator().get(API + "/me").text())
                .isEqualTo("{\"kind\":\"token\",\"role\":\"admin\"}");
        ApiKey key = api.operators().keys().create("k", Role.READ, Expiry.NEVER);

        api.database().close();

        assertThat(api.operator().get(API + "/me").status()).isEqualTo(200);
        assertThat(caller(key).get(API + "/me").status()).isEqualTo(503);
        assertThat(api.operator().withPassword("anna", PASSWORD).get(API + "/me").status())
                .isEqualTo(503);
    }

    @Test
    void lastUsesAreNotedBehindTheRequests() {
        ApiKey key = api.operators().keys().create("k", Role.READ, Expiry.NEVER);
        createAccount("anna", "read");

        caller(key).get(API + "/me");
        api.operator().withPassword("anna", PASSWORD).get(API + "/me");

        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> {
                            assertThat(api.operator().get(KEYS + "/" + key.id()).text())
                                    .contains("lastUsedAt");
                            assertThat(api.operator().get(ACCOUNTS + "/anna").text())
                                    .contains("lastUsedAt");
                        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "/accounts | {\"username\":\"a\",\"password\":\"12345678\",\"role\":\"root\"} | read, operate, admin",
                "/accounts | {\"username\":\"a:b\",\"password\":\"12345678\",\"role\":\"read\"} | 1 to 64 letters",
                "/accounts | {\"username\":\"a\",\"password\":\"1234567\",\"role\":\"read\"} | must have 8 to 128",
                "/accounts | {\"username\":\"a\",\"password\":\"12345678\"} | 'role' is missing",
                "/api-keys | {\"role\":\"read\",\"expiresAt\":\"2001-01-01T00:00:00Z\"} | time to come",
                "/api-keys | {\"role\":\"read\",\"expiresAt\":\"soon\"} | time to come",
                "/api-keys | {\"role\":\"read\",\"name\":\"\"} | 1 to 100",
            })
    void whatIsWrongIsNamed(String path, String body, String told) {
        Answer answer = api.operator().post(API + path, body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("detail").asText()).contains(told);
    }
}

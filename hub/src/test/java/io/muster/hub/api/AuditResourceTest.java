package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.registry.operators.ApiKey;
import io.muster.devices.registry.operators.ApiKey.Expiry;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.HttpCaller;
import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.api.access.Operators;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of the requests of operators is in the audit log. */
class AuditResourceTest {

    private static final String API = "/api/v1";
    private static final String DEVICES = API + "/products/pump/devices";

    private ApiFixture api;

    @BeforeEach
    void start(@TempDir Path folder) {
        api = ApiFixture.start(folder);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private List<JsonNode> rows(String query) {
        List<JsonNode> rows = new ArrayList<>();
        api.operator().get(API + "/audit" + query).json().path("items").forEach(rows::add);
        return rows;
    }

    /** Rows as words, newest first, once none is begun only. */
    private List<String> words(String query) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(
                        () ->
                                rows(query).stream()
                                        .noneMatch(
                                                row ->
                                                        row.path("outcome")
                                                                .asText()
                                                                .equals("begun")));
        return rows(query).stream()
                .map(
                        row ->
                                "%s %s %s %s %s %s"
                                        .formatted(
                                                row.path("actor").asText(),
                                                row.path("act").asText(),
                                                row.path("object").asText(),
                                                row.path("outcome").asText(),
                                                row.path("status").asText(),
                                                row.path("detail").asText())
                                        .strip())
                .toList();
    }

    private HttpCaller key(ApiKey key) {
        return api.operator().withToken(Operators.bearerOf(key.id(), key.secret()));
    }

    @Test
    void eachActHasARowThatSaysHowItEnded() {
        api.operator().post(API + "/products", "{\"productKey\":\"pump\"}");
        api.operator().post(DEVICES, "{\"deviceKey\":\"d:1\"}");
        api.operator().post(DEVICES, "{\"deviceKey\":\"d:1\"}");
        api.operator().get(DEVICES);
        api.operator().get(DEVICES + "/d:1/secret");
        api.operator().get(DEVICES + "?secrets=true");
        api.operator().post(DEVICES + "/d%3A1/disable");
        api.operator().delete(DEVICES + "/nobody");
        api.operator().delete(API + "/products/pump?devices=delete");

        assertThat(words(""))
                .containsExactly(
                        "token product.delete product:pump done 204 with its devices (1)",
                        "token device.delete device:pump/nobody refused 404",
                        "token device.disable device:pump/d:1 done 200",
                        "token device.secret.list device:pump done 200",
                        "token device.secret.show device:pump/d:1 done 200",
                        "token device.create device:pump refused 409",
                        "token device.create device:pump/d:1 done 201",
                        "token product.create product:pump done 201");
        assertThat(rows("").get(0).path("address").asText()).isEqualTo("127.0.0.1");
    }

    @Test
    void noSecretIsInTheLog() {
        String created =
                api.operator()
                        .post(API + "/api-keys", "{\"role\":\"read\"}")
                        .json()
                        .path("secret")
                        .asText();
        api.operator()
                .post(
                        API + "/accounts",
                        "{\"username\":\"anna\",\"password\":\"top-secret-1\",\"role\":\"read\"}");
        api.operator().post(API + "/accounts", "{\"password\":top-secret-2}");
        api.operator().withToken("top-secret-3").get(API + "/me");
        api.operator().withToken("k.top-secret-4").get(API + "/me");
        api.operator().withPassword("anna", "top-secret-5").get(API + "/me");

        assertThat(words("")).hasSize(6);
        assertThat(rows("").toString()).doesNotContain(created, "top-secret");
    }

    @Test
    void whoIsRefusedIsThereWithWhatHeWanted() {
        ApiKey reader = api.operators().keys().create("r", Role.READ, Expiry.NEVER);

        key(reader).delete(DEVICES + "/d1");
        api.operator().withToken("wrong").get(API + "/me");
        api.operator().withToken(reader.id() + ".wrong").get(API + "/me");
        api.operator().withPassword("anna", "wrong password").get(API + "/me");

        assertThat(words(""))
                .containsExactly(
                        "unknown operator.sign-in account:anna refused 401 wrong password",
                        "unknown operator.sign-in key:" + reader.id() + " refused 401 wrong key",
                        "unknown operator.sign-in token refused 401 wrong token",
                        "key:%s device.delete device:pump/d1 refused 403 this needs the role operate; key:%s has the role read"
                                .formatted(reader.id(), reader.id()));
    }

    @Test
    void aFloodOfRefusalsIsAFewRows() {
        for (int i = 0; i < 20; i++) {
            api.operator().withToken("wrong").get(API + "/me");
        }

        assertThat(words("?act=operator.sign-in")).hasSize(3);
        assertThat(api.operator().withoutToken().get("/metrics").text())
                .contains("muster_audit_refusals_summarized_total 17.0");
    }

    @Test
    void whatCannotBeWrittenDownIsNotDone() {
        api.database().close();

        Answer answer = api.operator().post(API + "/drain");

        assertThat(answer.status()).isEqualTo(503);
        assertThat(api.drain().status()).isEmpty();
    }

    @Test
    void whatKeepsSomebodyOutIsDoneEvenIfItCannotBeWrittenDown() {
        api.clients().connect("c1");
        api.database().close();

        assertThat(api.operator().delete(API + "/clients/c1").status()).isEqualTo(503);

        assertThat(api.clients().find("c1")).isEmpty();
        api.trail().close();
        assertThat(api.meters().counter("muster.audit.rows.lost").count()).isEqualTo(1);
    }

    @Test
    void pagesGoFromNewToOld() {
        for (int i = 0; i < 5; i++) {
            api.operator().post(API + "/products", "{\"productKey\":\"p" + i + "\"}");
        }
        // How acts ended is written behind.
        Awaitility.await().untilAsserted(() -> assertThat(rows("?object=product:p4")).hasSize(1));

        JsonNode first = api.operator().get(API + "/audit?limit=2").json();
        JsonNode second =
                api.operator()
                        .get(API + "/audit?limit=2&after=" + first.path("next").asText())
                        .json();

        assertThat(first.path("items").findValuesAsText("object"))
                .containsExactly("product:p4", "product:p3");
        assertThat(second.path("items").findValuesAsText("object"))
                .containsExactly("product:p2", "product:p1");
        assertThat(rows("?object=product:p3")).hasSize(1);
        assertThat(rows("?act=product.*&actor=token")).hasSize(5);
        assertThat(rows("?to=2020-01-01T00:00:00Z")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            value = {
                "?after=x, 'after' must be the number of a row",
                "?from=yesterday, 'from' must be a time",
                "?who=me, unknown query parameter 'who'",
            })
    void aFilterThatIsNoneIsRefused(String query, String told) {
        Answer answer = api.operator().get(API + "/audit" + query);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).contains(told);
    }

    @ParameterizedTest
    @CsvSource({"POST", "PUT", "PATCH", "DELETE"})
    void nobodyChangesRows(String method) {
        assertThat(api.operator().call(method, API + "/audit").status()).isEqualTo(405);
        assertThat(api.operator().call(method, API + "/audit/1").status()).isEqualTo(404);
    }

    @Test
    void whatWasChangedIsToldButNoSecret() {
        HttpCaller operator = api.operator();
        operator.post(API + "/products", "{\"productKey\":\"pump\",\"name\":\"Pumps\"}");
        operator.patch(API + "/products/pump", "{\"name\":\"Fans\",\"idleLimitSeconds\":60}");
        String rule = "{\"effect\":\"allow\",\"use\":\"publish\",\"filter\":\"a/#\"}";
        operator.put(API + "/roles/r1", "{\"rules\":[]}");
        operator.put(API + "/roles/r1", "{\"rules\":[" + rule + "]}");
        String account = "{\"username\":\"app\",\"password\":\"correct horse\"";
        operator.post(API + "/applications", account + ",\"roles\":[\"r1\"]}");
        operator.patch(API + "/applications/app", "{\"roles\":[]}");
        operator.put(API + "/applications/app/password", "{\"password\":\"other horse\"}");
        operator.post(API + "/accounts", account + ",\"role\":\"read\"}");
        operator.patch(API + "/accounts/app", "{\"role\":\"admin\",\"password\":\"more horses\"}");
        operator.put(
                API + "/products/pump/firmware/1.3",
                "{\"url\":\"http://x/f\",\"size\":7,\"sign\":\"s\",\"signMethod\":\"md5\"}");

        assertDetail("product.change", "name: Pumps → Fans", "idleLimitSeconds: null → 60");
        assertDetail("role.set", "rules: [] → [allow publish a/#]");
        assertDetail("application.create", "username: app", "roles: [\"r1\"]");
        assertDetail("application.update", "roles: [\"r1\"] → []");
        assertDetail("application.password", "password");
        assertDetail("account.change", "role: read → admin, password");
        assertDetail("firmware.offer", "url: http://x/f", "size: 7");
        assertThat(operator.get(API + "/audit").text()).doesNotContain("horse");
    }

    private void assertDetail(String act, String... told) {
        Awaitility.await().untilAsserted(() -> assertThat(api.auditDetail(act)).contains(told));
    }
}

package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.registry.operators.ApiKey.Expiry;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.HttpCaller.Answer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What somebody else has changed meanwhile is not changed, whatever it is. */
class ConditionsTest {

    private static final String API = "/api/v1";

    private ApiFixture api;
    private String key = "";

    @BeforeEach
    void start(@TempDir Path folder) {
        api = ApiFixture.start(folder);
        api.operator().post(API + "/products", "{\"productKey\":\"pump\"}");
        api.operator().post(API + "/products/pump/devices", "{\"deviceKey\":\"d1\"}");
        String account = "{\"username\":\"anna\",\"password\":\"correct horse\"";
        api.operator().post(API + "/applications", account + "}");
        api.operator().post(API + "/accounts", account + ",\"role\":\"read\"}");
        api.operator().put(API + "/roles/reader", "{\"rules\":[]}");
        key = api.operators().keys().create("k", Role.READ, Expiry.NEVER).id();
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "/products/pump            | PATCH  | -         | {\"name\":\"n\"}",
                "/products/pump            | DELETE | ?devices=delete | -",
                "/products/pump            | POST   | /secret   | {}",
                "/products/pump/devices/d1 | PATCH  | -         | {\"name\":\"n\"}",
                "/products/pump/devices/d1 | DELETE | -         | -",
                "/products/pump/devices/d1 | POST   | /secret   | {}",
                "/products/pump/devices/d1 | POST   | /disable  | {}",
                "/products/pump/devices/d1 | POST   | /enable   | {}",
                "/products/pump/devices/d1 | PATCH  | /tags     | {\"a\":\"b\"}",
                "/products/pump/devices/d1 | PATCH  | /attributes | {\"a\":\"b\"}",
                "/applications/anna        | PATCH  | -         | {\"roles\":[]}",
                "/applications/anna        | DELETE | -         | -",
                "/applications/anna        | PUT    | /password | {\"password\":\"other horse\"}",
                "/applications/anna        | POST   | /disable  | {}",
                "/applications/anna        | POST   | /enable   | {}",
                "/roles/reader             | PUT    | -         | {\"rules\":[]}",
                "/roles/reader             | DELETE | -         | -",
                "/accounts/anna            | PATCH  | -         | {\"role\":\"admin\"}",
                "/accounts/anna            | DELETE | -         | -",
                "/api-keys/KEY             | PATCH  | -         | {\"role\":\"admin\"}",
                "/api-keys/KEY             | DELETE | -         | -",
                "/api-keys/KEY             | POST   | /secret   | {}",
            })
    void anotherRevisionIsLeftAloneAndThePresentOneIsNot(
            String path, String method, String rest, String body) {
        String resource = API + path.replace("KEY", key);
        String target = resource + (rest == null ? "" : rest);
        Answer before = api.operator().get(resource);
        String present = before.header("ETag");

        Answer refused = send(method, target, body, "\"7\"");

        assertThat(present).isEqualTo("\"" + before.json().path("revision").asLong() + "\"");
        assertThat(refused.status()).isEqualTo(412);
        assertThat(refused.header("ETag")).isEqualTo(present);
        assertThat(refused.json().path("revision")).isEqualTo(before.json().path("revision"));
        assertThat(api.operator().get(resource).text()).isEqualTo(before.text());
        assertThat(send(method, target, body, "3").status()).isEqualTo(400);
        assertThat(send(method, target, body, present).status()).isIn(200, 204);
    }

    private Answer send(String method, String target, String body, String tag) {
        return body == null
                ? api.operator().send(method, target, "", "", "If-Match", tag)
                : api.operator().send(method, target, "application/json", body, "If-Match", tag);
    }

    @Test
    void whatMustNotBeThereIsUnderstoodOnlyWhereSomethingMayBeCreated() {
        Answer refused =
                api.operator()
                        .send(
                                "PATCH",
                                API + "/products/pump",
                                "application/json",
                                "{}",
                                "If-None-Match",
                                "*");

        ApiFixture.assertProblem(refused, 400, "If-None-Match has no meaning here");
    }

    @Test
    void attributesThatSomebodyElseChangedAreSeen() {
        String attributes = API + "/products/pump/devices/d1/attributes";
        String seen = api.operator().get(attributes).header("ETag");
        assertThat(api.operator().patchIf(seen, attributes, "{\"a\":1}").status()).isEqualTo(200);

        assertThat(api.operator().patchIf(seen, attributes, "{\"a\":2}").status()).isEqualTo(412);
    }

    @ParameterizedTest
    @CsvSource({
        "PUT,    /products/pump/devices/d1/subdevices/pump/d2",
        "DELETE, /products/pump/devices/d1/subdevices/pump/d2",
        "PUT,    /products/pump/firmware/1",
        "DELETE, /products/pump/firmware/1",
        "POST,   /products/pump/import",
    })
    void aRevisionIsRefusedOfWhatHasNone(String method, String path) {
        Answer answer = send(method, API + path, "{}", "\"1\"");

        ApiFixture.assertProblem(answer, 400, "If-Match has no meaning here");
    }

    @Test
    void aProductWhoseDevicesAreGoneGoesTooThoughSomebodyChangesItMeanwhile() {
        String pump = API + "/products/pump";
        String seen = api.operator().get(pump).header("ETag");
        api.clients()
                .afterDisconnect(
                        () ->
                                assertThat(api.operator().patch(pump, "{\"name\":\"B\"}").status())
                                        .isEqualTo(200));

        assertThat(api.operator().deleteIf(seen, pump + "?devices=delete").status()).isEqualTo(204);

        assertThat(api.operator().get(pump).status()).isEqualTo(404);
    }

    @Test
    void ofAProductNoDeviceIsDeletedIfItHasAnotherRevision() {
        api.operator().deleteIf("\"7\"", API + "/products/pump?devices=delete");

        assertThat(api.operator().get(API + "/products/pump/devices/d1").status()).isEqualTo(200);
    }
}

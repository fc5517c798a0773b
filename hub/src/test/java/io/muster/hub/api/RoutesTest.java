package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.javalin.Javalin;
import io.javalin.http.HandlerType;
import io.javalin.security.Roles;
import io.muster.devices.registry.operators.ApiKey;
import io.muster.devices.registry.operators.ApiKey.Expiry;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.HttpCaller;
import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.access.Operators;
import io.muster.hub.openapi.ApiContract;
import io.muster.hub.openapi.ApiContract.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which role each route of the management API needs, and what it is called in the audit log. */
class RoutesTest {

    private static final String API = "/api/v1";

    /** Method and path, role, act. */
    private static final String ROUTES =
            """
            GET /products                                                                               | READ    | -
            POST /products                                                                              | ADMIN   | product.create
            GET /products/{productKey}                                                                  | READ    | -
            PATCH /products/{productKey}                                                                | ADMIN   | product.change
            DELETE /products/{productKey}                                                               | ADMIN   | product.delete
            GET /products/{productKey}/secret                                                           | ADMIN   | product.secret.show
            POST /products/{productKey}/secret                                                          | ADMIN   | product.secret.rotate
            POST /products/{productKey}/import                                                          | OPERATE | device.import
            GET /products/{productKey}/firmware                                                         | READ    | -
            GET /products/{productKey}/firmware/{version}                                               | READ    | -
            PUT /products/{productKey}/firmware/{version}                                               | ADMIN   | firmware.offer
            DELETE /products/{productKey}/firmware/{version}                                            | ADMIN   | firmware.withdraw
            GET /devices                                                                                | READ    | -
            GET /products/{productKey}/devices                                                          | READ    | -
            POST /products/{productKey}/devices                                                         | OPERATE | device.create
            GET /products/{productKey}/devices/{deviceKey}                                              | READ    | -
            PATCH /products/{productKey}/devices/{deviceKey}                                            | OPERATE | device.update
            DELETE /products/{productKey}/devices/{deviceKey}                                           | OPERATE | device.delete
            GET /products/{productKey}/devices/{deviceKey}/secret                                       | OPERATE | device.secret.show
            POST /products/{productKey}/devices/{deviceKey}/secret                                      | OPERATE | device.secret.rotate
            POST /products/{productKey}/devices/{deviceKey}/disable                                     | OPERATE | device.disable
            POST /products/{productKey}/devices/{deviceKey}/enable                                      | OPERATE | device.enable
            GET /products/{productKey}/devices/{deviceKey}/subdevices                                   | READ    | -
            PUT /products/{productKey}/devices/{deviceKey}/subdevices/{subProductKey}/{subDeviceKey}    | OPERATE | device.subdevice.add
            DELETE /products/{productKey}/devices/{deviceKey}/subdevices/{subProductKey}/{subDeviceKey} | OPERATE | device.subdevice.remove
            GET /products/{productKey}/devices/{deviceKey}/attributes                                   | READ    | -
            PATCH /products/{productKey}/devices/{deviceKey}/attributes                                 | OPERATE | device.attributes.change
            GET /products/{productKey}/devices/{deviceKey}/tags                                         | READ    | -
            PATCH /products/{productKey}/devices/{deviceKey}/tags                                       | OPERATE | device.tags.change
            POST /products/{productKey}/devices/{deviceKey}/commands                                    | OPERATE | device.command
            POST /products/{productKey}/devices/{deviceKey}/raw                                         | OPERATE | device.raw.send
            GET /products/{productKey}/devices/{deviceKey}/firmware                                     | READ    | -
            POST /products/{productKey}/devices/{deviceKey}/firmware                                    | OPERATE | device.upgrade
            GET /products/{productKey}/devices/{deviceKey}/certificates                                 | READ    | -
            POST /products/{productKey}/devices/{deviceKey}/certificates                                | OPERATE | device.certificate.issue
            POST /products/{productKey}/devices/{deviceKey}/certificates/bind                           | OPERATE | device.certificate.bind
            POST /products/{productKey}/devices/{deviceKey}/certificates/revoke                         | OPERATE | device.certificate.revoke
            GET /products/{productKey}/devices/{deviceKey}/certificates/{serial}                        | READ    | -
            POST /products/{productKey}/devices/{deviceKey}/certificates/{serial}/renew                 | OPERATE | certificate.renew
            POST /products/{productKey}/devices/{deviceKey}/certificates/{serial}/revoke                | OPERATE | certificate.revoke
            POST /products/{productKey}/certificates/revoke                                             | ADMIN   | product.certificate.revoke
            GET /certificates                                                                           | READ    | -
            GET /certificates/authorities                                                               | READ    | -
            POST /certificates/authorities/rollover                                                     | ADMIN   | authority.roll-over
            POST /certificates/authorities/{name}/retire                                                | ADMIN   | authority.retire
            POST /certificates/authorities/{name}/revoke                                                | ADMIN   | authority.revoke
            POST /certificates/authorities/{name}/destroy                                               | ADMIN   | authority.destroy
            GET /certificates/{serial}                                                                  | READ    | -
            POST /certificates/{serial}/revoke                                                          | OPERATE | certificate.revoke
            GET /applications                                                                           | READ    | -
            POST /applications                                                                          | ADMIN   | application.create
            GET /applications/{username}                                                                | READ    | -
            PATCH /applications/{username}                                                              | ADMIN   | application.update
            DELETE /applications/{username}                                                             | ADMIN   | application.delete
            PUT /applications/{username}/password                                                       | ADMIN   | application.password
            POST /applications/{username}/disable                                                       | ADMIN   | application.disable
            POST /applications/{username}/enable                                                        | ADMIN   | application.enable
            GET /roles                                                                                  | READ    | -
            GET /roles/{role}                                                                           | READ    | -
            PUT /roles/{role}                                                                           | ADMIN   | role.set
            DELETE /roles/{role}                                                                        | ADMIN   | role.delete
            GET /clients                                                                                | READ    | -
            GET /clients/{clientId}                                                                     | READ    | -
            DELETE /clients/{clientId}                                                                  | OPERATE | client.disconnect
            GET /bars                                                                                   | READ    | -
            DELETE /bars/{id}                                                                           | OPERATE | bar.lift
            GET /drain                                                                                  | READ    | -
            POST /drain                                                                                 | ADMIN   | drain.start
            DELETE /drain                                                                               | ADMIN   | drain.stop
            GET /me                                                                                     | READ    | -
            PATCH /me                                                                                   | READ    | account.password
            GET /accounts                                                                               | ADMIN   | -
            POST /accounts                                                                              | ADMIN   | account.create
            GET /accounts/{username}                                                                    | ADMIN   | -
            PATCH /accounts/{username}                                                                  | ADMIN   | account.change
            DELETE /accounts/{username}                                                                 | ADMIN   | account.delete
            GET /api-keys                                                                               | ADMIN   | -
            POST /api-keys                                                                              | ADMIN   | api-key.create
            GET /api-keys/{id}                                                                          | ADMIN   | -
            PATCH /api-keys/{id}                                                                        | ADMIN   | api-key.change
            DELETE /api-keys/{id}                                                                       | ADMIN   | api-key.delete
            POST /api-keys/{id}/secret                                                                  | ADMIN   | api-key.secret.rotate
            GET /audit                                                                                  | ADMIN   | -
            """;

    /** The lines of the table of roles in docs/management-api.md, but for lists with secrets. */
    private static final Pattern DOCUMENTED =
            Pattern.compile(
                    "\\| (read|operate|admin)(?:, or the device|; admin if it is a server's)? \\| `([A-Z]+ [^`?]+)` \\| (?:`([^`]+)`)? ?\\|");

    private static ApiFixture api;
    private static final Map<Role, HttpCaller> CALLERS = new EnumMap<>(Role.class);

    private record Route(String name, Role role, String act) {

        String method() {
            return name.substring(0, name.indexOf(' '));
        }

        /** With something for each parameter. */
        String path() {
            return API + name.substring(name.indexOf(' ') + 1).replaceAll("\\{[^}]+}", "x");
        }

        @Override
        public String toString() {
            return name + " | " + role + " | " + act;
        }
    }

    @BeforeAll
    static void start(@TempDir Path folder) {
        api = ApiFixture.startWithCertificates(folder);
        for (Role role : Role.values()) {
            ApiKey key = api.operators().keys().create(role.word(), role, Expiry.NEVER);
            CALLERS.put(role, api.operator().withToken(Operators.bearerOf(key.id(), key.secret())));
        }
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static HttpCaller caller(Role role) {
        return Objects.requireNonNull(CALLERS.get(role));
    }

    private static Stream<Route> routes() {
        return ROUTES.lines()
                .map(line -> line.split("\\|"))
                .map(
                        cells ->
                                new Route(
                                        cells[0].strip(),
                                        Role.valueOf(cells[1].strip()),
                                        cells[2].strip()));
    }

    @Test
    void thereIsNoOtherRoute() {
        List<String> described =
                ApiContract.shared()
                        .operations()
                        .map(Operation::toString)
                        .filter(operation -> operation.contains(" " + API + "/"))
                        .map(operation -> operation.replace(API, ""))
                        .toList();

        assertThat(routes().map(Route::name)).containsExactlyInAnyOrderElementsOf(described);
    }

    @Test
    void eachIsRegisteredWithItsRoleAndItsAct() {
        Javalin served =
                Javalin.create(
                        javalin -> {
                            ManagementApi.addResources(javalin.routes, api.managedHub());
                            api.resources().forEach(each -> each.addTo(javalin.routes));
                        });

        List<String> registered =
                served.unsafe.internalRouter.allHttpHandlers().stream()
                        .map(route -> route.endpoint)
                        .filter(route -> route.path.startsWith(API + "/"))
                        .filter(route -> !route.method.equals(HandlerType.HEAD))
                        .map(
                                route -> {
                                    Needs needs =
                                            (Needs)
                                                    Objects.requireNonNull(
                                                                    route.metadata(Roles.class))
                                                            .getRoles()
                                                            .iterator()
                                                            .next();
                                    String path =
                                            route.path
                                                    .replace(API, "")
                                                    .replaceAll("<(.*)>", "{$1}");
                                    return new Route(
                                                    route.method + " " + path,
                                                    needs.role().orElseThrow(),
                                                    needs.act().orElse("-"))
                                            .toString();
                                })
                        .toList();
        assertThat(routes().map(Route::toString)).containsExactlyInAnyOrderElementsOf(registered);
    }

    @Test
    void theTableInTheDocumentationSaysTheSame() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "management-api.md"));

        List<String> documented =
                DOCUMENTED
                        .matcher(page)
                        .results()
                        .map(RoutesTest::documented)
                        .map(Route::toString)
                        .toList();

        assertThat(routes().filter(RoutesTest::isNotForAll).map(Route::toString))
                .containsExactlyInAnyOrderElementsOf(documented);
    }

    private static Route documented(MatchResult row) {
        return new Route(
                row.group(2), Role.ofWord(row.group(1)), row.group(3) == null ? "-" : row.group(3));
    }

    private static boolean isNotForAll(Route route) {
        return !(route.method().equals("GET") && route.role() == Role.READ);
    }

    @ParameterizedTest
    @MethodSource("routes")
    void aRouteIsForThoseWhoseRoleIsEnough(Route route) {
        assertThat(api.operator().withoutToken().call(route.method(), route.path()).status())
                .isEqualTo(401);
        for (Role role : Role.values()) {
            Answer answer = caller(role).call(route.method(), route.path());

            String detail = answer.json().path("detail").asText();
            if (role.includes(route.role())) {
                assertThat(answer.status()).isNotEqualTo(401);
                assertThat(detail).doesNotContain("needs the role");
            } else {
                assertThat(answer.status()).isEqualTo(403);
                assertThat(detail)
                        .contains("needs the role " + route.role().word())
                        .endsWith("has the role " + role.word());
            }
        }
    }

    @Test
    void whoAsksForSecretsInAListNeedsMore() {
        for (String list : List.of("/devices", "/products/x/devices")) {
            String path = API + list + "?secrets=true";
            assertThat(caller(Role.READ).get(path).status()).isEqualTo(403);
            assertThat(caller(Role.OPERATE).get(path).status()).isIn(200, 404);
        }
    }
}

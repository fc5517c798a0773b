package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands in this process, against an HTTP server that plays the hub. */
class CommandsTest {

    private static final String DEVICE =
            "{\"productKey\":\"pk\",\"deviceKey\":\"dk\",\"state\":\"ONLINE\",\"stateVersion\":7}";

    private final FakeHub hub = new FakeHub();
    @TempDir private Path data = Path.of("");

    @BeforeEach
    void writeToken() throws IOException {
        Files.writeString(data.resolve("operator-token"), FakeHub.TOKEN + "\n");
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "product create                    | POST /api/v1/products {}",
                "product create pk --name n --dynamic-activation | POST /api/v1/products {\"productKey\":\"pk\",\"name\":\"n\",\"dynamicActivation\":true}",
                "product update pk                 | PATCH /api/v1/products/pk {}",
                "product update pk --name n        | PATCH /api/v1/products/pk {\"name\":\"n\"}",
                "product update pk --dynamic-activation    | PATCH /api/v1/products/pk {\"dynamicActivation\":true}",
                "product update pk --no-dynamic-activation | PATCH /api/v1/products/pk {\"dynamicActivation\":false}",
                "product update pk --type GATEWAY --idle-limit 60 --tag a=1 --untag b | PATCH /api/v1/products/pk {\"type\":\"GATEWAY\",\"idleLimitSeconds\":60,\"tags\":{\"a\":\"1\",\"b\":null}}",
                "product update pk --idle-limit default --own-topics | PATCH /api/v1/products/pk {\"idleLimitSeconds\":null,\"topics\":[]}",
                "product update pk --weak-digests true --max-clock-skew 0 --timestamps-ascend default | PATCH /api/v1/products/pk {\"signIn\":{\"allowWeakDigests\":true,\"maxClockSkewSeconds\":0,\"timestampsAscend\":null}}",
                "product update pk --self-registration --no-gateway-registration --certificate-required | PATCH /api/v1/products/pk {\"selfRegistration\":true,\"gatewayRegistration\":false,\"certificateRequired\":true}",
                "product update pk --name n --if-match 7 | PATCH /api/v1/products/pk if \"7\" {\"name\":\"n\"}",
                "product list                      | GET /api/v1/products?limit=100",
                "product list --tag site=Nord      | GET /api/v1/products?limit=100&tag=site%3DNord",
                "product list --after pk --limit 5 | GET /api/v1/products?limit=5&after=pk",
                "product show pk                   | GET /api/v1/products/pk",
                "device create pk                  | POST /api/v1/products/pk/devices {}",
                "device create pk dk               | POST /api/v1/products/pk/devices {\"deviceKey\":\"dk\"}",
                "device list pk                    | GET /api/v1/products/pk/devices?limit=100",
                "device list                       | GET /api/v1/devices?limit=100",
                "device list pk --status online --key-prefix d- --tag a=b&c --tag d=e --after x | GET /api/v1/products/pk/devices?limit=100&after=x&status=ONLINE&keyPrefix=d-&tag=a%3Db%26c&tag=d%3De",
                "device list pk --show-tags        | GET /api/v1/products/pk/devices?limit=100&tags=true",
                "device list --name-prefix Ä       | GET /api/v1/devices?limit=100&namePrefix=%C3%84",
                "device create pk dk --name N      | POST /api/v1/products/pk/devices {\"deviceKey\":\"dk\",\"name\":\"N\"}",
                "device update pk dk --name N      | PATCH /api/v1/products/pk/devices/dk {\"name\":\"N\"}",
                "device update pk dk --name= --if-match 7 | PATCH /api/v1/products/pk/devices/dk if \"7\" {\"name\":null}",
                "device show pk a:b@c&d            | GET /api/v1/products/pk/devices/a%3Ab%40c%26d",
                "device disable pk dk              | POST /api/v1/products/pk/devices/dk/disable {}",
                "device attributes pk dk           | GET /api/v1/products/pk/devices/dk/attributes",
                "device command pk dk thing.service.a | POST /api/v1/products/pk/devices/dk/commands {\"method\":\"thing.service.a\",\"params\":{},\"timeoutSeconds\":10}",
                "device command pk dk thing.service.a [1] --timeout 3 | POST /api/v1/products/pk/devices/dk/commands {\"method\":\"thing.service.a\",\"params\":[1],\"timeoutSeconds\":3}",
                "device attributes pk dk --set a=1 --set b={\"c\":2} --remove d --if-match 7 | PATCH /api/v1/products/pk/devices/dk/attributes if \"7\" {\"d\":null,\"a\":1,\"b\":{\"c\":2}}",
                "device tags pk dk --set a=b --if-match 7 | PATCH /api/v1/products/pk/devices/dk/tags if \"7\" {\"a\":\"b\"}",
                "device raw pk dk --hex 6869       | POST /api/v1/products/pk/devices/dk/raw hi",
                "device delete pk dk --if-match 7  | DELETE /api/v1/products/pk/devices/dk if \"7\"",
                "device rotate-secret pk dk --if-match 7 | POST /api/v1/products/pk/devices/dk/secret if \"7\" {}",
                "product delete pk --if-match 7    | DELETE /api/v1/products/pk if \"7\"",
                "certificate list pk dk            | GET /api/v1/products/pk/devices/dk/certificates?limit=100",
                "certificate show 0123456789abcdef | GET /api/v1/certificates/0123456789abcdef",
                "certificate show 0123456789abcdef --issuer sha256:ab | GET /api/v1/certificates/0123456789abcdef?issuer=sha256%3Aab",
                "certificate revoke 0123456789abcdef --issuer g1 --reason keyCompromise --compromised-at 2030-01-31T00:00:00Z | POST /api/v1/certificates/0123456789abcdef/revoke?issuer=g1 {\"reason\":\"keyCompromise\",\"compromisedAt\":\"2030-01-31T00:00:00Z\"}",
                "certificate search pk --device dk --status VALID | GET /api/v1/certificates?limit=100&productKey=pk&deviceKey=dk&status=VALID",
                "certificate renew pk dk 0123456789abcdef | POST /api/v1/products/pk/devices/dk/certificates/0123456789abcdef/renew {}",
                "certificate revoke 0123456789abcdef --reason keyCompromise | POST /api/v1/certificates/0123456789abcdef/revoke {\"reason\":\"keyCompromise\"}",
                "certificate revoke --all-of pk/dk | POST /api/v1/products/pk/devices/dk/certificates/revoke {}",
                "certificate authorities           | GET /api/v1/certificates/authorities",
                "certificate authorities --lists   | GET /api/v1/certificates/authorities",
                "certificate authorities rollover device-ec | POST /api/v1/certificates/authorities/rollover {\"authority\":\"device-ec\"}",
                "certificate authorities rollover root --prepare | POST /api/v1/certificates/authorities/rollover {\"authority\":\"root\",\"step\":\"PREPARE\"}",
                "certificate authorities destroy device-ec-g1 --force | POST /api/v1/certificates/authorities/device-ec-g1/destroy {\"force\":true}",
                "certificate authorities retire device-ec-g1 | POST /api/v1/certificates/authorities/device-ec-g1/retire {}",
                "certificate authorities revoke device-ec-g1 --reason caCompromise | POST /api/v1/certificates/authorities/device-ec-g1/revoke {\"reason\":\"caCompromise\"}",
                "firmware show pk 1.3              | GET /api/v1/products/pk/firmware/1.3",
                "firmware reported pk dk           | GET /api/v1/products/pk/devices/dk/firmware",
                "firmware push pk dk 1.3           | POST /api/v1/products/pk/devices/dk/firmware {\"version\":\"1.3\",\"timeoutSeconds\":10}",
                "firmware push pk dk 1.3 --timeout 60 | POST /api/v1/products/pk/devices/dk/firmware {\"version\":\"1.3\",\"timeoutSeconds\":60}",
                "api-key rotate-secret k1 --overlap 1h --if-match 7 | POST /api/v1/api-keys/k1/secret if \"7\" {\"overlapSeconds\":3600}",
                "account delete anna --if-match 7  | DELETE /api/v1/accounts/anna if \"7\"",
                "app set-roles app --if-match 7 r1 | PATCH /api/v1/applications/app if \"7\" {\"roles\":[\"r1\"]}",
                "app delete app --if-match 7       | DELETE /api/v1/applications/app if \"7\"",
                "drain --status                    | GET /api/v1/drain",
                "device tags pk dk                 | GET /api/v1/products/pk/devices/dk/tags",
                "device tags pk dk --set a=b=c     | PATCH /api/v1/products/pk/devices/dk/tags {\"a\":\"b=c\"}",
                "device tags pk dk --remove a      | PATCH /api/v1/products/pk/devices/dk/tags {\"a\":null}",
                "device enable pk dk               | POST /api/v1/products/pk/devices/dk/enable {}",
                "device rotate-secret pk dk        | POST /api/v1/products/pk/devices/dk/secret {}",
                "device rotate-secret pk dk --overlap 0 --no-disconnect | POST /api/v1/products/pk/devices/dk/secret {\"overlapSeconds\":0,\"disconnect\":false}",
                "device rotate-secret pk dk --overlap 30m --disconnect | POST /api/v1/products/pk/devices/dk/secret {\"overlapSeconds\":1800,\"disconnect\":true}",
                "device export pk                  | GET /api/v1/products/pk/devices?limit=1000&tags=true&attributes=true",
                "device export pk --secrets        | GET /api/v1/products/pk/devices?limit=1000&tags=true&attributes=true&secrets=true",
                "device delete pk dk               | DELETE /api/v1/products/pk/devices/dk",
                "product delete pk                 | DELETE /api/v1/products/pk",
                "product delete pk --with-devices  | DELETE /api/v1/products/pk?devices=delete",
                "product rotate-secret pk          | POST /api/v1/products/pk/secret {}",
                "product rotate-secret pk --overlap 7d | POST /api/v1/products/pk/secret {\"overlapSeconds\":604800}",
                "account list                      | GET /api/v1/accounts?limit=100",
                "account show anna                 | GET /api/v1/accounts/anna",
                "account me                        | GET /api/v1/me",
                "account delete anna               | DELETE /api/v1/accounts/anna",
                "account update anna --role read --no-enabled | PATCH /api/v1/accounts/anna {\"role\":\"read\",\"disabled\":true}",
                "api-key create --role read --name n --expires 2030-01-01T00:00:00Z | POST /api/v1/api-keys {\"name\":\"n\",\"role\":\"read\",\"expiresAt\":\"2030-01-01T00:00:00Z\"}",
                "api-key list --limit 5            | GET /api/v1/api-keys?limit=5",
                "api-key show k1                   | GET /api/v1/api-keys/k1",
                "api-key update k1 --expires never --enabled | PATCH /api/v1/api-keys/k1 {\"expiresAt\":\"never\",\"disabled\":false}",
                "api-key delete k1                 | DELETE /api/v1/api-keys/k1",
                "audit                             | GET /api/v1/audit?limit=100",
                "audit --from 2026-03-01T12:00:00Z --actor account:anna --act device.* --after 7 | GET /api/v1/audit?limit=100&after=7&from=2026-03-01T12%3A00%3A00Z&actor=account%3Aanna&act=device.*",
                "client list                       | GET /api/v1/clients?limit=100",
                "client show pk/dk                 | GET /api/v1/clients/pk%2Fdk",
                "client disconnect a?b+c           | DELETE /api/v1/clients/a%3Fb%2Bc",
                "app list                          | GET /api/v1/applications?limit=100",
                "app show a@b                      | GET /api/v1/applications/a%40b",
                "app set-roles app r1 r2           | PATCH /api/v1/applications/app {\"roles\":[\"r1\",\"r2\"]}",
                "app set-roles app                 | PATCH /api/v1/applications/app {\"roles\":[]}",
                "app disable app                   | POST /api/v1/applications/app/disable {}",
                "app enable app                    | POST /api/v1/applications/app/enable {}",
                "app delete app                    | DELETE /api/v1/applications/app",
                "role list --limit 5               | GET /api/v1/roles?limit=5",
                "role show r1                      | GET /api/v1/roles/r1",
                "role put r1                       | PUT /api/v1/roles/r1 {\"rules\":[]}",
                "role put r1 --if-match 7          | PUT /api/v1/roles/r1 if \"7\" {\"rules\":[]}",
                "role put r1 --new                 | PUT /api/v1/roles/r1 if none * {\"rules\":[]}",
                "role delete r1 --if-match 7       | DELETE /api/v1/roles/r1 if \"7\"",
                "role delete r1                    | DELETE /api/v1/roles/r1",
                "bar list --after a --limit 5      | GET /api/v1/bars?limit=5&after=a",
                "bar lift name/192.0.2.1/dk&pk     | DELETE /api/v1/bars/name%2F192.0.2.1%2Fdk%26pk",
                "drain                             | POST /api/v1/drain {\"moved\":false}",
                "drain --to h:1883 --moved --rate 7 | POST /api/v1/drain {\"serverReference\":\"h:1883\",\"moved\":true,\"perSecond\":7}",
                "drain --stop                      | DELETE /api/v1/drain",
                "device subdevices gp gk           | GET /api/v1/products/gp/devices/gk/subdevices?limit=100",
                "device subdevices gp gk --add pk/a:b | PUT /api/v1/products/gp/devices/gk/subdevices/pk/a%3Ab",
                "device subdevices gp gk --remove pk/dk | DELETE /api/v1/products/gp/devices/gk/subdevices/pk/dk",
            })
    void askTheManagementApi(String command, String request) {
        assertThat(run(command.split(" ")).exitCode()).isZero();
        assertThat(hub.requests()).containsExactly(request);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pk", "/dk", "pk/"})
    void refuseASubDeviceWithoutBothItsKeys(String name) {
        CommandRun run = run("device", "subdevices", "gp", "gk", "--add", name);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("'" + name + "' is not productKey/deviceKey");
        assertThat(hub.requests()).isEmpty();
    }

    @Test
    void changeOnesOwnPasswordAndComeWithThePresentOne() {
        CommandRun run =
                CommandRun.of(
                        environment(),
                        "before\nafter the storm\n",
                        "account",
                        "set-my-password",
                        "--user",
                        "anna");

        assertThat(run.exitCode()).isZero();
        assertThat(hub.requests())
                .containsExactly(
                        "PATCH /api/v1/me"
                                + " {\"presentPassword\":\"before\",\"password\":\"after the storm\"}");
    }

    @Test
    void sendAFileAsItIsToADevice() throws IOException {
        Path file = Files.writeString(data.resolve("raw.bin"), "bytes");

        assertThat(run("device", "raw", "pk", "dk", "--file", file.toString()).exitCode()).isZero();
        assertThat(hub.requests()).containsExactly("POST /api/v1/products/pk/devices/dk/raw bytes");
        assertThat(run("device", "raw", "pk", "dk", "--hex", "abc").err()).contains("hexadecimal");
    }

    @Test
    void takeTheRulesOfARoleOneArgumentEach() {
        assertThat(
                        run(
                                        "role",
                                        "put",
                                        "r1",
                                        "allow subscribe plant/#",
                                        "deny a b",
                                        "allow ${x}")
                                .exitCode())
                .isZero();
        assertThat(hub.requests())
                .containsExactly(
                        "PUT /api/v1/roles/r1 {\"rules\":["
                                + "{\"effect\":\"allow\",\"use\":\"subscribe\",\"filter\":\"plant/#\"},"
                                + "{\"effect\":\"deny\",\"use\":\"any\",\"filter\":\"a b\"},"
                                + "{\"effect\":\"allow\",\"use\":\"any\",\"filter\":\"${x}\"}]}");

        assertThat(run("role", "put", "r1", "permit a").err()).contains("rule 'permit a' is not");
    }

    @Test
    void showAPasswordThatIsMadeForAnAccount() {
        CommandRun made = run("app", "set-password", "app");
        assertThat(made.out()).containsPattern("password  [A-Za-z0-9]{20}");
        assertThat(hub.requests().get(0))
                .matches(
                        "PUT /api/v1/applications/app/password"
                                + " \\{\"password\":\"[A-Za-z0-9]{20}\"\\}");

        run("app", "create", "app", "--roles", "r1,r2");
        assertThat(hub.requests().get(1)).endsWith(",\"roles\":[\"r1\",\"r2\"]}");
    }

    @Test
    void writeDevicesAsAFileThatCanBeImported() {
        hub.answers(
                200,
                """
                {"items":[{"deviceKey":"a","deviceSecret":"s,1","name":"N","state":"ONLINE",
                  "lastAddress":"192.0.2.7","tags":{"b":"2","c":";"},"attributes":{"w":1.10}}]}
                """);

        assertThat(run("device", "export", "pk", "--secrets").out().lines())
                .containsExactly(
                        "deviceKey,deviceSecret,name,tags,attributes,state",
                        "a,\"s,1\",N,b=2;c=%3b,\"{\"\"w\"\":1.10}\",ONLINE");
        assertThat(run("device", "export", "pk", "--secrets", "--jsonl").out().lines())
                .containsExactly(
                        "{\"deviceKey\":\"a\",\"deviceSecret\":\"s,1\",\"name\":\"N\","
                                + "\"tags\":{\"b\":\"2\",\"c\":\";\"},\"attributes\":{\"w\":1.10},"
                                + "\"state\":\"ONLINE\"}");
        assertThat(run("device", "export", "pk", "--details").out().lines())
                .containsExactly(
                        "deviceKey,name,tags,attributes,state,stateSince,createdAt,activatedAt,"
                                + "lastOnlineAt,lastOfflineAt,lastAddress,client",
                        "a,N,b=2;c=%3b,\"{\"\"w\"\":1.10}\",ONLINE,,,,,,192.0.2.7,");
    }

    @Test
    void sendAFileOfDevicesAndShowWhichLinesAreWrong() throws IOException {
        Path file = Files.writeString(data.resolve("d.csv"), "deviceKey\na\n");
        hub.answers(201, "{\"imported\":1}");
        assertThat(run("device", "import", "pk", file.toString()).out()).contains("imported  1");
        assertThat(hub.requests()).containsExactly("POST /api/v1/products/pk/import deviceKey\na");

        hub.answers(
                400,
                "{\"detail\":\"1 line is not good\",\"lines\":[{\"line\":2,\"problem\":\"bad\"}]}");
        CommandRun run = run("device", "import", "pk", file.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("1 line is not good\n  line 2: bad");
    }

    @Test
    void refuseAFileOfDevicesThatTheyCannotRead() {
        assertThat(run("device", "import", "pk", "d.txt").err()).contains("d.txt", ".jsonl");
        assertThat(run("device", "import", "pk", "no/d.csv").err()).contains("cannot be read");
        assertThat(hub.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "-1h", "1.5h", "1 h", "h", "9999999999s"})
    void refuseAnOverlapThatIsNoTime(String time) {
        CommandRun run = run("device", "rotate-secret", "pk", "dk", "--overlap=" + time);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--overlap", "is not 0 or a whole number with s, m, h or d");
        assertThat(hub.requests()).isEmpty();
    }

    @Test
    void showOneThingInAlignedLines() {
        hub.answers(200, DEVICE);
        assertThat(run("device", "show", "pk", "dk").out().lines())
                .containsExactly(
                        "productKey    pk",
                        "deviceKey     dk",
                        "state         ONLINE",
                        "stateVersion  7");
    }

    @Test
    void showListsUnderHeadingsAndSayHowToGoOn() {
        hub.answers(
                200,
                """
                {"items":[{"productKey":"a","name":"long name","type":"GATEWAY","dynamicActivation":true,"createdAt":"t"},
                {"productKey":"bcd","type":"DEVICE","dynamicActivation":false,"createdAt":"u"}],"next":"b'd"}
                """);
        assertThat(run("product", "list").out().lines())
                .containsExactly(
                        "productKey  name       type     dynamicActivation  createdAt",
                        "a           long name  GATEWAY  true               t",
                        "bcd         -          DEVICE   false              u",
                        "There are more: go on with --after 'b'\\''d'");
    }

    @Test
    void showTheTagsOfDevicesIfAsked() {
        hub.answers(200, "{\"items\":[{\"deviceKey\":\"a\",\"tags\":{\"hall\":\"3\"}}]}");

        assertThat(run("device", "list", "pk", "--show-tags").out().lines())
                .satisfiesExactly(
                        header -> assertThat(header).endsWith("createdAt  tags"),
                        device -> assertThat(device).endsWith("{\"hall\":\"3\"}"));
        assertThat(run("device", "list", "pk").out()).doesNotContain("tags");
    }

    @Test
    void passAnswersOnToMachinesAsTheyAre() {
        hub.answers(200, DEVICE);
        assertThat(run("device", "show", "pk", "dk", "--json").out().strip()).isEqualTo(DEVICE);
    }

    @Test
    void letNoClientSteerTheTerminal() {
        hub.answers(200, "{\"items\":[{\"clientId\":\"\\u001b[2Jx\"}]}");
        assertThat(run("client", "list").out()).contains("?[2Jx").doesNotContain("\u001b");
    }

    @Test
    void showSecretsOnlyWhenAsked() {
        hub.answers(200, "{\"deviceKey\":\"dk\",\"deviceSecret\":\"s3cret\"}");
        run("device", "show", "pk", "dk");
        assertThat(hub.requests()).noneMatch(request -> request.contains("secret"));
        assertThat(run("device", "show", "pk", "dk", "--secret").out()).contains("s3cret");
        assertThat(hub.requests()).contains("GET /api/v1/products/pk/devices/dk/secret");
        run("product", "show", "pk", "--secret");
        assertThat(hub.requests()).contains("GET /api/v1/products/pk/secret");
    }

    @Test
    void makeAPasswordForAnApplicationAndShowItOnce() {
        CommandRun run = run("app", "create", "billing");
        assertThat(run.out()).containsPattern("(?m)^username  billing$");
        String password = run.out().replaceAll("(?s).*password  (\\w+).*", "$1");
        assertThat(password).hasSize(20);
        assertThat(hub.requests())
                .singleElement()
                .asString()
                .startsWith("POST /api/v1/applications ")
                .contains("\"username\":\"billing\"", "\"password\":\"" + password + "\"");
    }

    @Test
    void takeAnApplicationsPasswordFromInputAndDoNotRepeatIt() {
        CommandRun run =
                CommandRun.of(
                        environment(),
                        "from input\nrest",
                        "app",
                        "create",
                        "b",
                        "--password-stdin");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).doesNotContain("from input");
        assertThat(hub.requests().get(0)).contains("\"password\":\"from input\"");
    }

    @Test
    void secretsAreTakenFromStandardInput() {
        hub.answers(201, "{\"deviceKey\":\"d\"}");
        CommandRun device =
                CommandRun.of(
                        environment(),
                        "burned in\n",
                        "device",
                        "create",
                        "pk",
                        "d",
                        "--secret-stdin",
                        "--tag",
                        "hall=3");
        assertThat(device.exitCode()).isZero();
        hub.answers(201, "{\"productKey\":\"pk\"}");
        CommandRun product =
                CommandRun.of(
                        environment(), "in the image\n", "product", "create", "--secret-stdin");
        assertThat(product.exitCode()).isZero();

        assertThat(hub.requests().get(0))
                .contains("\"deviceSecret\":\"burned in\"", "\"tags\":{\"hall\":\"3\"}");
        assertThat(hub.requests().get(1)).contains("\"productSecret\":\"in the image\"");
    }

    @Test
    void signWithTheSecretThatTheHubKnows() {
        hub.answers(200, "{\"deviceSecret\":\"secret\"}");
        CommandRun run = run("sign", "pk", "dk", "--json", "--timestamp", "1");
        assertThat(run.out().strip())
                .isEqualTo(
                        "{\"clientId\":\"dk|securemode=2,signmethod=sha256,timestamp=1|\","
                                + "\"username\":\"dk&pk\",\"password\":\""
                                + sha256("clientIddkdeviceKeydkproductKeypktimestamp1secret")
                                + "\"}");
        assertThat(hub.requests()).containsExactly("GET /api/v1/products/pk/devices/dk/secret");
    }

    @Test
    void signForActivationWithTheSecretOfTheProduct() {
        hub.answers(200, "{\"productSecret\":\"secret\"}");
        CommandRun run = run("sign", "pk", "dk", "--json", "--timestamp", "1", "--activation");
        assertThat(run.out().strip())
                .isEqualTo(
                        "{\"clientId\":\"dk|securemode=3,signmethod=sha256,timestamp=1|\","
                                + "\"username\":\"dk&pk\",\"password\":\""
                                + sha256("clientIddkdeviceKeydkproductKeypktimestamp1secret")
                                + "\"}");
        assertThat(hub.requests()).containsExactly("GET /api/v1/products/pk/secret");
    }

    @Test
    void signWithoutAHub() {
        CommandRun run = CommandRun.of(Map.of(), "secret\n", "sign", "pk", "dk", "--secret-stdin");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("clientId  dk|securemode=2", "username  dk&pk");
        assertThat(hub.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sign pk dk --method rot13",
                "sign pk bad*key",
                "sign pk",
                "product",
                "prodct list",
                "product list --limit x",
                "device list pk --unknown",
                "start extra",
            })
    void answerWrongUsageWithTwo(String command) {
        CommandRun run = run(command.split(" "));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("muster: ").contains("--help");
        assertThat(hub.requests()).isEmpty();
    }

    @Test
    void showWhatADeviceAnswered() {
        hub.answers(200, "{\"code\":200,\"data\":{\"ok\":[1]}}");
        assertThat(run("device", "command", "pk", "dk", "thing.service.a").out().lines())
                .containsExactly("code  200", "data  {\"ok\":[1]}");
    }

    @Test
    void sayWhereAnArgumentIsNotJson() {
        CommandRun run = run("device", "command", "pk", "dk", "thing.service.a", "{x}");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("muster: JSON is not valid: Unexpected character ('x'");
        assertThat(hub.requests()).isEmpty();
    }

    @Test
    void answerAProblemOfTheHubWithItsSentence() {
        hub.answers(409, "{\"title\":\"Conflict\",\"detail\":\"product 'pk' is there already\"}");
        CommandRun run = run("product", "create", "pk");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().strip())
                .isEqualTo("muster: the hub refused (409): product 'pk' is there already");
    }

    @Test
    void sayThatTheTokenIsNotAccepted() throws IOException {
        Files.writeString(data.resolve("operator-token"), "another");
        CommandRun run = run("client", "list");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("does not accept the operator token", "--data");
    }

    @Test
    void sayThatTheTokenIsNotThere() throws IOException {
        Files.delete(data.resolve("operator-token"));
        CommandRun run = run("client", "list");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains(data.resolve("operator-token") + " is not there");
    }

    @Test
    void sayThatNoHubAnswers() {
        hub.close();
        CommandRun run = run("client", "list");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("no hub answers at http://127.0.0.1:" + hub.port());
    }

    @Test
    void sayThatSomethingElseAnswers() {
        hub.answers(200, "<html>secret page</html>");
        CommandRun run = run("client", "list");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("is not a Muster hub").doesNotContain("secret page");
    }

    @Test
    void checkShowsWhatIsInForceAndWhereItWasSet() {
        CommandRun run = run("check");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .containsPattern(
                        "management.port +"
                                + hub.port()
                                + " +environment variable MUSTER_MANAGEMENT_PORT")
                .containsPattern("management.bind +127.0.0.1 +reference")
                .contains("The configuration is valid.");
        assertThat(run("check", "--json").out()).startsWith("{\"items\":[{\"key\":\"data\"");
    }

    @Test
    void everyCommandRefusesAWrongConfigurationWithTwoAndALineForEachProblem() throws IOException {
        Path conf = Files.writeString(data.resolve("wrong.conf"), "event-loops = x\nfoo = 1");
        for (String command : new String[] {"check", "start", "demo", "product list"}) {
            CommandRun run = run(("--config " + conf + " " + command).split(" "));
            assertThat(run.exitCode()).as(command).isEqualTo(2);
            assertThat(run.err().lines())
                    .hasSize(2)
                    .allMatch(line -> line.startsWith("muster: " + conf + ":"));
        }
    }

    @Test
    void demoNeedsWhatTheFirstStartWrote() throws IOException {
        assertThat(run("demo").err()).contains("demo.json is not there");
        Files.writeString(data.resolve("demo.json"), "{\"productKey\":\"hidden\"}");
        CommandRun run = run("demo");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("demo.json cannot be read").doesNotContain("hidden");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[{name=a, port=1, type=ws}, {name=b, port=2, proxy-protocol=required}] | no listener of type tcp",
                "[{name=a, port=1, type=ws}, {name=b, port=0}]                          | listener b has port 0",
            })
    void demoSpeaksToTheFirstListenerThatSpeaksMqttFromTheFirstByte(String listeners, String error)
            throws IOException {
        Files.writeString(
                data.resolve("demo.json"),
                "{\"productKey\":\"p\",\"deviceKey\":\"d\",\"deviceSecret\":\"s\","
                        + "\"applicationUsername\":\"a\",\"applicationPassword\":\"w\"}");
        Map<String, String> environment = new HashMap<>(environment());
        environment.put("MUSTER_LISTENERS", listeners);

        CommandRun run = CommandRun.of(environment, "", "demo");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains(error);
    }

    @Test
    void versionAndHelpNeedNoHub() {
        assertThat(run("version").out()).contains("version", "java");
        CommandRun help = run("--help");
        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).contains("product", "loadtest", "Exit codes");
        assertThat(run("device", "create", "--help").out()).contains("DK");
    }

    private CommandRun run(String... arguments) {
        return CommandRun.of(environment(), "", arguments);
    }

    private Map<String, String> environment() {
        return Map.of("MUSTER_DATA", data.toString(), "MUSTER_MANAGEMENT_PORT", "" + hub.port());
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}

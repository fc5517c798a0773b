package io.muster.auth.secret;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.DeviceId;
import io.muster.devices.Product;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.product.ProductSettings;
import io.muster.devices.product.TopicTemplate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProductTopicsTest {

    private static final Map<String, String> D1 =
            Map.of("kind", "device", "productKey", "pump", "deviceKey", "d1");

    private final ProductTopics topics = new ProductTopics();

    private static Product product(long revision, String... rules) {
        return product(Instant.EPOCH, revision, rules);
    }

    private static Product product(Instant createdAt, long revision, String... rules) {
        List<TopicTemplate.Rule> parsed = Stream.of(rules).map(TopicTemplate.Rule::parse).toList();
        return new Product(
                "pump",
                RotatingSecret.of(Secret.of("p")),
                ProductSettings.named("Pumps").withTopics(new TopicTemplate(parsed)),
                revision,
                createdAt);
    }

    private TopicPermissions d1(String... rules) {
        return topics.of(product(1, rules), D1);
    }

    @Test
    void withoutRulesADeviceHasItsOwnTopics() {
        TopicPermissions device = d1();

        assertThat(device.mayPublish("pump/d1/x")).isTrue();
        assertThat(device.mayPublish("/sys/pump/d1/thing/x")).isTrue();
        assertThat(device.maySubscribe("/ext/session/pump/d1/#")).isTrue();
        assertThat(device.mayPublish("pump/d2/x")).isFalse();
        assertThat(device.maySubscribe("#")).isFalse();
    }

    @Test
    void rulesAddToItsOwnTopics() {
        TopicPermissions device =
                d1("allow subscribe news/${productKey}/#", "allow publish alarms/${deviceKey}");

        assertThat(device.maySubscribe("news/pump/today")).isTrue();
        assertThat(device.maySubscribe("news/valve/today")).isFalse();
        assertThat(device.mayPublish("news/pump/today")).isFalse();
        assertThat(device.mayPublish("alarms/d1")).isTrue();
        assertThat(device.mayPublish("alarms/d2")).isFalse();
        assertThat(device.mayPublish("pump/d1/x")).isTrue();
    }

    @Test
    void rulesTakeFromItsOwnTopicsAndTheFirstThatSpeaksDecides() {
        TopicPermissions device =
                d1(
                        "allow publish /sys/${productKey}/${deviceKey}/thing/measurepoint/post",
                        "deny publish /sys/${productKey}/${deviceKey}/#",
                        "deny any pump/+/secret",
                        "allow any pump/+/#");

        assertThat(device.mayPublish("/sys/pump/d1/thing/measurepoint/post")).isTrue();
        assertThat(device.mayPublish("/sys/pump/d1/thing/tag/update")).isFalse();
        assertThat(device.maySubscribe("/sys/pump/d1/thing/tag/update_reply")).isTrue();
        assertThat(device.mayPublish("pump/d1/secret")).isFalse();
        assertThat(device.maySubscribe("pump/d1/#")).isFalse();
        assertThat(device.maySubscribe("pump/d1/open")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/sys/pump/d2/thing/measurepoint/post",
                "/ext/session/pump/d2/combine/login",
                "/muster/devices/pump/d1/commands",
                "$SYS/x",
                "$muster/devices/pump/d1/state",
                "${x"
            })
    void noRuleLetsADevicePublishWhereTheHubListens(String topic) {
        for (String rule :
                List.of(
                        "allow any #",
                        "allow any /#",
                        "allow any +/+/+/+/#",
                        "allow any /+/${productKey}/#",
                        "allow any /${clientId}/#",
                        "allow any ${clientId}/#")) {
            for (String clientId : List.of("sys", "ext", "muster")) {
                TopicPermissions device =
                        topics.of(
                                product(1, rule),
                                Map.of(
                                        "productKey",
                                        "pump",
                                        "deviceKey",
                                        "d1",
                                        "clientId",
                                        clientId));

                assertThat(device.mayPublish(topic)).as(rule).isFalse();
                assertThat(device.mayPublish("/sys/pump/d1/thing/x")).isTrue();
            }
        }
        assertThat(d1("allow publish #").mayPublish("anything/else")).isTrue();
    }

    @Test
    void whatADeviceCallsItselfIsOneLevelOrNothing() {
        String[] rules = {"allow any a/${clientId}/#", "deny any pump/d1/x-${clientId}"};
        TopicPermissions named =
                topics.of(
                        product(1, rules),
                        Map.of("productKey", "pump", "deviceKey", "d1", "clientId", "me"));
        TopicPermissions unnamed = topics.of(product(1, rules), D1);

        assertThat(named.mayPublish("a/me/x")).isTrue();
        assertThat(named.mayPublish("a/you/x")).isFalse();
        assertThat(named.mayPublish("pump/d1/x-me")).isFalse();
        assertThat(named.mayPublish("pump/d1/x-you")).isTrue();
        assertThat(unnamed.mayPublish("a/me/x")).as("allows nothing").isFalse();
        assertThat(unnamed.mayPublish("pump/d1/x-you")).as("denies more").isFalse();
    }

    @Test
    void aChangeTakesHoldForThoseWhoHavePermissions() {
        TopicPermissions device = d1();

        assertThat(topics.changed(product(2, "allow subscribe news"))).isTrue();
        assertThat(device.maySubscribe("news")).isTrue();
        assertThat(topics.changed(product(3, "allow subscribe news"))).isFalse();
        assertThat(topics.changed(product(4))).isTrue();
        assertThat(device.maySubscribe("news")).isFalse();
    }

    @Test
    void aChangeThatASignInBroughtFirstIsAskedAboutYet() {
        TopicPermissions device = d1("allow subscribe news");
        topics.of(product(2), D1);

        assertThat(topics.changed(product(2))).isTrue();
        assertThat(topics.changed(product(2))).isFalse();
        assertThat(device.maySubscribe("news")).isFalse();
    }

    @Test
    void whatIsLateIsIgnored() {
        TopicPermissions device = d1();
        topics.changed(product(3, "allow subscribe new"));

        assertThat(topics.changed(product(2, "allow subscribe old"))).isFalse();
        TopicPermissions signedInLate = topics.of(product(1, "allow subscribe old"), D1);

        assertThat(device.maySubscribe("old")).isFalse();
        assertThat(signedInLate.maySubscribe("old")).isFalse();
        assertThat(signedInLate.maySubscribe("new")).isTrue();
    }

    @Test
    void aProductThatIsCreatedAgainBeginsAnew() {
        d1("allow subscribe old");
        topics.changed(product(7, "allow subscribe old"));

        TopicPermissions device =
                topics.of(product(Instant.EPOCH.plusMillis(1), 1, "allow subscribe new"), D1);

        assertThat(device.maySubscribe("new")).isTrue();
        assertThat(device.maySubscribe("old")).isFalse();
    }

    @Test
    void nobodyIsToBeAskedAnewWhereNobodyIs() {
        assertThat(topics.changed(product(2, "allow subscribe news"))).isFalse();
        d1();
        topics.deleted("pump");
        assertThat(topics.changed(product(3, "allow subscribe other"))).isFalse();
    }

    @Test
    void ofADeviceThatHasNotSignedInTheRulesOfItsProductAreKnownIfSomebodyLearnedThem() {
        DeviceId id = new DeviceId("pump", "d1");
        assertThat(topics.find(id)).isEmpty();

        topics.learn(product(1, "deny subscribe pump/${deviceKey}/${clientId}"));
        TopicPermissions device = topics.find(id).orElseThrow();

        assertThat(device.maySubscribe("/sys/pump/d1/#")).isTrue();
        assertThat(device.maySubscribe("/sys/pump/d2/#")).isFalse();
        assertThat(device.maySubscribe("pump/d1/x")).as("it may call itself so").isFalse();
        assertThat(topics.changed(product(2, "deny subscribe /sys/#"))).isTrue();
        assertThat(device.maySubscribe("/sys/pump/d1/#")).isFalse();
    }

    @Test
    void whatWasReadBeforeAChangeAndComesAfterItIsTooOld() {
        topics.changed(product(2, "deny subscribe pump/#"));

        topics.learn(product(1));

        assertThat(topics.find(new DeviceId("pump", "d1")).orElseThrow().maySubscribe("pump/d1/x"))
                .isFalse();
    }
}

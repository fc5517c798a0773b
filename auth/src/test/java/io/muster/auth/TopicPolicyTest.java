package io.muster.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.topics.Effect;
import io.muster.devices.topics.Use;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicPolicyTest {

    private final TopicPolicy device =
            TopicPolicy.forDevice(Map.of("productKey", "pk1", "deviceKey", "dev1"));

    @Test
    void aDeviceCommandsNoOtherWhateverItIsCalled() {
        TopicPolicy device =
                TopicPolicy.forDevice(Map.of("productKey", "muster", "deviceKey", "devices"));

        assertThat(device.mayPublish("/muster/devices/pk1/dk1/commands")).isFalse();
        assertThat(device.mayPublish("muster/devices/pk1/dk1/commands")).isTrue();
        assertThat(BuiltInRole.permissions().mayPublish("/muster/devices/pk1/dk1/commands"))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/sys/pk1/dev1/thing/measurepoint/post",
                "/ext/session/pk1/dev1/combine/login",
                "pk1/dev1/telemetry"
            })
    void aDeviceMayUseItsOwnTopics(String topic) {
        assertThat(device.mayPublish(topic)).isTrue();
        assertThat(device.maySubscribe(topic)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/sys/pk1/dev1/thing/service/+",
                "/sys/pk1/dev1/thing/event/+/post_reply",
                "/sys/pk1/dev1/#",
                "pk1/dev1/#"
            })
    void aDeviceMaySubscribeWithWildcardsInItsOwnSpace(String filter) {
        assertThat(device.maySubscribe(filter)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/sys/pk1/dev2/thing/measurepoint/post",
                "/sys/pk2/dev1/thing/measurepoint/post",
                "/sys/pk1/dev11/x",
                "/sys/pk1",
                "pk1/dev2/telemetry",
                "sys/pk1/dev1/x",
                "$SYS/broker",
                "$muster/devices/pk1/dev1/state",
                "x"
            })
    void aDeviceMayNotUseOtherTopics(String topic) {
        assertThat(device.mayPublish(topic)).isFalse();
        assertThat(device.maySubscribe(topic)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#",
                "+/#",
                "/#",
                "/sys/#",
                "/sys/+/dev1/#",
                "/sys/pk1/+/thing/service/+",
                "pk1/+/telemetry",
                "pk1/#",
                "$SYS/#"
            })
    void aDeviceMayNotSubscribeBeyondItsOwnSpace(String filter) {
        assertThat(device.maySubscribe(filter)).isFalse();
    }

    @Test
    void anApplicationSeesEverythingAndWritesEverythingButWhatTheHubTells() {
        TopicPermissions application = BuiltInRole.permissions();

        assertThat(application.maySubscribe("#")).isTrue();
        assertThat(application.maySubscribe("/sys/+/+/thing/#")).isTrue();
        assertThat(application.maySubscribe("$muster/#")).isTrue();
        assertThat(application.maySubscribe("$muster/devices/+/+/state")).isTrue();
        assertThat(application.maySubscribe("$SYS/#")).isTrue();
        assertThat(application.maySubscribe("$other/#")).isFalse();
        assertThat(application.mayPublish("/sys/pk1/dev1/thing/service/reboot")).isTrue();
        assertThat(application.mayPublish("$muster/devices/pk1/dev1/state")).isFalse();
        assertThat(application.mayPublish("$SYS/broker/uptime")).isFalse();
    }

    @Test
    void anAnonymousClientSeesEverythingButWhatIsOfTheHubAndItsDevices() {
        TopicPermissions anonymous = new AnonymousTopics();

        assertThat(anonymous.maySubscribe("#")).isTrue();
        assertThat(anonymous.maySubscribe("$SYS/#")).isTrue();
        assertThat(anonymous.maySubscribe("$muster/#")).isFalse();
        assertThat(anonymous.mayPublish("any/topic")).isTrue();
        assertThat(anonymous.mayPublish("$other/topic")).isTrue();
        assertThat(anonymous.maySubscribe("$other/#")).isTrue();
        assertThat(anonymous.mayPublish("$muster/devices/p/d/state")).isFalse();
        assertThat(anonymous.mayPublish("$SYS/broker/uptime")).isFalse();
        for (String root : List.of("/sys", "/ext", "/muster")) {
            assertThat(anonymous.mayPublish(root + "/p/d/x")).as(root).isFalse();
            assertThat(anonymous.maySubscribe(root)).as(root).isFalse();
            assertThat(anonymous.maySubscribe(root + "/#")).as(root).isFalse();
            assertThat(anonymous.maySubscribe("$share/g/" + root + "/+")).as(root).isFalse();
            assertThat(anonymous.withheld().orElseThrow()).accepts(root, root + "/p/d/x");
        }
        assertThat(anonymous.withheld().orElseThrow())
                .rejects("sys/x", "/system/x", "$SYS/x", "a", "/", "/exterior");
        assertThat(anonymous.mayPublish("/system/x")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"#", "+/#", "/#", "+/+/p/#", "/+/x", "/sys/#"})
    void anAnonymousClientTakesNothingFromAGroupThatItIsNotSent(String filter) {
        assertThat(new AnonymousTopics().maySubscribe("$share/group/" + filter)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#",
                "+/#",
                "a/b",
                "/sys/#",
                "/sys/pk1/dev1/#",
                "/sys/pk2/dev2/x",
                "pk1/dev1/#",
                "pk1/+",
                "$muster/#",
                "$muster/devices/+/+/state",
                "$SYS/#",
                "$other/#",
                "a#",
                ""
            })
    void sharingASubscriptionIsNoWayAroundARule(String filter) {
        for (TopicPermissions policy :
                List.of(
                        device,
                        BuiltInRole.permissions(),
                        policy(
                                TopicRule.of(Effect.DENY, Use.ANY, "/sys/#"),
                                TopicRule.allow("#")))) {
            assertThat(policy.maySubscribe("$share/group/" + filter))
                    .isEqualTo(policy.maySubscribe(filter));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"$share", "$share/", "$share/group", "$share/group/", "$share//"})
    void aSharedSubscriptionWithoutAFilterIsRefused(String text) {
        assertThat(BuiltInRole.permissions().maySubscribe(text)).isFalse();
        assertThat(new AnonymousTopics().maySubscribe(text)).isFalse();
    }

    @Test
    void nobodyPublishesToTheNameOfASharedSubscription() {
        assertThat(device.mayPublish("$share/group/pk1/dev1/x")).isFalse();
        assertThat(BuiltInRole.permissions().mayPublish("$share/group/a")).isFalse();
        assertThat(new AnonymousTopics().mayPublish("$share/group/a")).isFalse();
    }

    @Test
    void aFilterThatReachesBeyondARuleIsRefused() {
        TopicPolicy policy = policy(TopicRule.allow("a/b"));

        assertThat(policy.maySubscribe("a/b")).isTrue();
        assertThat(policy.maySubscribe("a/+")).isFalse();
        assertThat(policy.maySubscribe("a/b/#")).isFalse();
    }

    @Test
    void aRuleWithRestIncludesItsParent() {
        TopicPolicy policy = policy(TopicRule.allow("a/#"));

        assertThat(policy.mayPublish("a")).isTrue();
        assertThat(policy.maySubscribe("a/#")).isTrue();
        assertThat(policy.mayPublish("ab")).isFalse();
    }

    @Test
    void theFirstRuleThatSpeaksAboutATopicDecides() {
        TopicPolicy policy =
                policy(
                        TopicRule.allow("a/b/c"),
                        TopicRule.of(Effect.DENY, Use.ANY, "a/b/#"),
                        TopicRule.allow("a/#"));

        assertThat(policy.mayPublish("a/b/c")).isTrue();
        assertThat(policy.mayPublish("a/b/d")).isFalse();
        assertThat(policy.mayPublish("a/c")).isTrue();
    }

    @Test
    void aFilterThatTouchesADeniedTopicIsRefused() {
        TopicPolicy policy =
                policy(TopicRule.of(Effect.DENY, Use.ANY, "+/secret/#"), TopicRule.allow("#"));

        assertThat(policy.maySubscribe("a/public")).isTrue();
        assertThat(policy.maySubscribe("a/+")).isFalse();
        assertThat(policy.maySubscribe("a/secret")).isFalse();
        assertThat(policy.maySubscribe("#")).isFalse();
    }

    @Test
    void aRuleForOneUseSaysNothingAboutTheOther() {
        TopicPolicy policy =
                policy(
                        TopicRule.of(Effect.DENY, Use.PUBLISH, "a/status"),
                        TopicRule.of(Effect.DENY, Use.SUBSCRIBE, "a/command"),
                        TopicRule.allowPublish("a/command"),
                        TopicRule.of(Effect.ALLOW, Use.SUBSCRIBE, "a/status"));

        assertThat(policy.mayPublish("a/command")).isTrue();
        assertThat(policy.maySubscribe("a/command")).isFalse();
        assertThat(policy.mayPublish("a/status")).isFalse();
        assertThat(policy.maySubscribe("a/status")).isTrue();
    }

    @Test
    void whereNoRuleSpeaksTheAnswerIsNo() {
        assertThat(policy().mayPublish("a")).isFalse();
        assertThat(policy().maySubscribe("a")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/+", "a/#", "#", "a+b"})
    void nobodyMayPublishToWhatIsNoTopicName(String topic) {
        assertThat(BuiltInRole.permissions().mayPublish(topic)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a#", "#/a", "a/#/b", "a+/b", "+a", "a\0b"})
    void nobodyMaySubscribeToWhatIsNoTopicFilter(String filter) {
        assertThat(BuiltInRole.permissions().maySubscribe(filter)).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TopicRule.allow(filter))
                .withMessageContaining("is not a topic filter");
    }

    @Test
    void aPlaceholderMayBePartOfALevel() {
        TopicPolicy policy =
                TopicPolicy.of(
                        List.of(TopicRule.allow("app-${username}-in/${username}/#")),
                        Map.of("username", "b$1illing"));

        assertThat(policy.mayPublish("app-b$1illing-in/b$1illing/x")).isTrue();
        assertThat(policy.mayPublish("app-other-in/b$1illing/x")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "+", "#", "a/b", "a+", "/", "$SYS", "a\nb"})
    void aValueThatCouldWidenARuleIsRefused(String value) {
        Map<String, String> values = Map.of("clientId", value, "good", "good");
        for (String filter : List.of("${clientId}/#", "app-${good}-${clientId}-in/#")) {
            List<TopicRule> rules = List.of(TopicRule.allow("a/${good}"), TopicRule.allow(filter));
            assertThatIllegalArgumentException()
                    .as(filter)
                    .isThrownBy(() -> TopicPolicy.of(rules, values))
                    .withMessage("'clientId' of this client cannot be a level of a topic");
        }
    }

    @Test
    void aValueThatLooksLikeAPlaceholderStaysText() {
        TopicPolicy policy =
                TopicPolicy.of(
                        List.of(TopicRule.allow("x/a${one}/#")),
                        Map.of("one", "1${two}", "two", "2"));

        assertThat(policy.mayPublish("x/a1${two}/y")).isTrue();
        assertThat(policy.mayPublish("x/a12/y")).isFalse();
    }

    @Test
    void aMissingValueIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> policy(TopicRule.of(Effect.DENY, Use.ANY, "${deviceKey}/#")))
                .withMessageContaining("'deviceKey'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"${deviceKey", "${}", "a/${device-key}", "${${a}}"})
    void aMalformedPlaceholderIsRefused(String filter) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TopicRule.allow(filter))
                .withMessageContaining("placeholder");
    }

    private static TopicPolicy policy(TopicRule... rules) {
        return TopicPolicy.of(List.of(rules), Map.of());
    }
}

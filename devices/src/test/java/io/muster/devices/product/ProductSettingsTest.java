package io.muster.devices.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.product.TopicTemplate.Rule;
import io.muster.devices.topics.Effect;
import io.muster.devices.topics.Use;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProductSettingsTest {

    private static final ProductSettings PUMPS = ProductSettings.named("Pumps");

    @Test
    void aNewProductAsksAndGivesNothingOfItsOwn() {
        assertThat(PUMPS)
                .isEqualTo(
                        new ProductSettings(
                                "Pumps",
                                ProductType.DEVICE,
                                new Enrollment(false, false, false),
                                CertificatePolicy.AS_CONFIGURED,
                                Optional.empty(),
                                SignInPolicy.AS_CONFIGURED,
                                new TopicTemplate(List.of()),
                                Map.of()));
    }

    @Test
    void anIdleLimitIsAWholeNumberOfSecondsUpTo30Days() {
        assertThat(PUMPS.withIdleLimit(Optional.of(Duration.ZERO)).idleLimit())
                .contains(Duration.ZERO);
        assertThat(PUMPS.withIdleLimit(Optional.of(Duration.ofDays(30))).idleLimit())
                .contains(Duration.ofDays(30));
        for (Duration wrong :
                List.of(
                        Duration.ofSeconds(-1),
                        Duration.ofMillis(1500),
                        Duration.ofDays(30).plusSeconds(1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PUMPS.withIdleLimit(Optional.of(wrong)))
                    .withMessageContaining("idleLimit")
                    .withMessageContaining("0 to 2592000 whole seconds");
        }
    }

    @Test
    void aSkewIsAWholeNumberOfSecondsUpToADay() {
        assertThat(skew(Duration.ofDays(1)).maxClockSkew()).contains(Duration.ofDays(1));
        for (Duration wrong :
                List.of(
                        Duration.ofSeconds(-1),
                        Duration.ofMillis(1),
                        Duration.ofDays(1).plusSeconds(1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> skew(wrong))
                    .withMessageContaining("maxClockSkew")
                    .withMessageContaining("0 to 86400 whole seconds");
        }
    }

    private static SignInPolicy skew(Duration max) {
        return new SignInPolicy(Optional.empty(), Optional.of(max), Optional.empty());
    }

    @Test
    void tagsAreOrderedBoundedAndCopied() {
        Map<String, String> given = new HashMap<>(Map.of("b", "2", "a", ""));
        ProductSettings tagged = PUMPS.withTags(given);
        given.clear();

        assertThat(tagged.tags().keySet()).containsExactly("a", "b");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> tagged.tags().put("c", "3"));
        Map<String, String> tooMany = new HashMap<>();
        for (int i = 0; i <= ProductSettings.TAGS_MAX; i++) {
            tooMany.put("tag" + i, "");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PUMPS.withTags(tooMany))
                .withMessageContaining("more than 20");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\tb", "a=b", "ä"})
    void aTagHasAPlainName(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PUMPS.withTags(Map.of(name, "value")))
                .withMessageContaining("tag name '" + name + "'");
    }

    @Test
    void theValueOfATagIsOneShortLine() {
        for (String wrong : List.of("a\nb", "x".repeat(257))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PUMPS.withTags(Collections.singletonMap("site", wrong)))
                    .withMessageContaining("value of tag 'site'");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "allow publish a/+/#, ALLOW, PUBLISH, a/+/#",
        "DENY Subscribe a b, DENY, SUBSCRIBE, a b",
        "allow any a, ALLOW, ANY, a",
        "deny ${productKey}/x-${clientId}, DENY, ANY, ${productKey}/x-${clientId}",
    })
    void aTopicRuleIsReadAsAPersonWritesIt(String text, Effect effect, Use use, String filter) {
        Rule rule = Rule.parse(text);

        assertThat(rule).isEqualTo(new Rule(effect, use, filter));
        assertThat(Rule.parse(rule.text())).isEqualTo(rule);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permit a",
                "allow",
                "allow ",
                "allow a+",
                "allow a/#/b",
                "allow $share/g/a",
                "allow a\tb",
                "allow ${deviceSecret}/a",
                "allow ${productKey/a",
                "allow ${}/a",
            })
    void aTopicRuleThatCannotBeRightIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Rule.parse(text));
    }

    @Test
    void topicRulesAreBoundedInLengthAndNumber() {
        String longest = "x".repeat(TopicTemplate.FILTER_LENGTH_MAX);
        Rule rule = new Rule(Effect.ALLOW, Use.ANY, longest);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Rule(Effect.ALLOW, Use.ANY, longest + "x"))
                .withMessageContaining("1 to 256 characters");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new TopicTemplate(
                                        Collections.nCopies(TopicTemplate.RULES_MAX + 1, rule)))
                .withMessageContaining("more than 32");
    }
}

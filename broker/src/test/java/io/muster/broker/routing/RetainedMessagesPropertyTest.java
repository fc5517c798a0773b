package io.muster.broker.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.routing.RetainedMessages.Outcome;
import io.muster.broker.topic.TopicFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The retained messages against a plain map from topic to message. */
class RetainedMessagesPropertyTest {

    private static final int MESSAGES_MAX = 25;

    /** A message to store and a filter to ask with thereafter, a little later each time. */
    private record Step(String topic, int payloadBytes, int lifetimeMillis, String filter) {}

    @Property(tries = 500)
    void behavesLikeAMap(@ForAll("steps") List<Step> steps) {
        RetainedMessages retained = new RetainedMessages(MESSAGES_MAX, Long.MAX_VALUE);
        Map<String, Message> model = new HashMap<>();
        long now = 1_000;
        for (Step step : steps) {
            now += 10;
            Message message = message(step, now);
            assertThat(retained.store(message)).isEqualTo(store(message, model));
            assertThat(retained.size()).isEqualTo(model.size());
            assertMatches(retained, step.filter(), now, model);
        }
        long end = now + 100;
        int before = model.size();
        model.values().removeIf(message -> message.isExpired(end));
        assertThat(retained.removeExpired(end)).isEqualTo(before - model.size());
        for (Message each : model.values()) {
            retained.store(Message.of(each.topic(), Payload.EMPTY, Qos.AT_MOST_ONCE, true));
        }
        assertThat(retained.size()).isZero();
        assertThat(retained.bytes()).isZero();
        assertThat(retained.root.isBare()).isTrue();
    }

    private static Outcome store(Message message, Map<String, Message> model) {
        Message older = model.remove(message.topic());
        if (message.payload().isEmpty()) {
            return older == null ? Outcome.NOTHING_TO_REMOVE : Outcome.REMOVED;
        }
        if (model.size() == MESSAGES_MAX) {
            return Outcome.FULL;
        }
        model.put(message.topic(), message);
        return Outcome.STORED;
    }

    private static void assertMatches(
            RetainedMessages retained, String text, long now, Map<String, Message> model) {
        TopicFilter filter = TopicFilter.parse(text);
        List<Message> found = new ArrayList<>();
        retained.forEachMatch(filter, now, found::add);

        // Asking drops what has expired among the matches, and only there.
        model.values().removeIf(each -> filter.matches(each.topic()) && each.isExpired(now));
        assertThat(found)
                .as(text)
                .containsExactlyInAnyOrderElementsOf(
                        model.values().stream()
                                .filter(each -> filter.matches(each.topic()))
                                .toList());
        assertThat(retained.size()).isEqualTo(model.size());
    }

    private static Message message(Step step, long now) {
        return new Message(
                step.topic(),
                Payload.of(new byte[step.payloadBytes()]),
                Qos.AT_LEAST_ONCE,
                true,
                "",
                step.lifetimeMillis() == 0 ? Message.NEVER : now + step.lifetimeMillis(),
                PublishProperties.NONE);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<String> topics =
                levels("a", "b", "", "$", "$a", "é", "c1", "c2", "c3", "c4", "c5", "c6", "c7");
        Arbitrary<String> filters = levels("a", "b", "", "$", "$a", "é", "c1", "+", "+");
        return Combinators.combine(
                        topics,
                        Arbitraries.of(0, 1, 1, 1, 50),
                        Arbitraries.of(0, 0, 20, 200),
                        Arbitraries.oneOf(
                                filters,
                                filters.map(filter -> filter + "/#"),
                                Arbitraries.just("#")))
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(120);
    }

    private static Arbitrary<String> levels(String... names) {
        return Arbitraries.of(names)
                .list()
                .ofMinSize(1)
                .ofMaxSize(3)
                .map(levels -> String.join("/", levels))
                .filter(text -> !text.isEmpty());
    }
}

package io.muster.broker.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The choice of the least loaded, in groups small enough to compare all members and larger. */
class SharedGroupPropertyTest {

    private static final String SHARE = "$share/g/a";
    private static final Message MESSAGE = Message.of("a", Payload.EMPTY, Qos.AT_LEAST_ONCE, false);

    /** One a try; jqwik runs all tries of a property on one object. */
    private TopicTree tree = new TopicTree();

    private List<Recorder> members(int count) {
        tree = new TopicTree(ShareStrategy.LEAST_LOADED);
        List<Recorder> members =
                IntStream.range(0, count).mapToObj(i -> new Recorder("m" + i)).toList();
        members.forEach(member -> tree.subscribe(member.to(SHARE)));
        return members;
    }

    private void deliver() {
        Subscription group = tree.match("a")[0];
        group.subscriber().deliver(MESSAGE, group, false);
    }

    /** With one drawn at random the longest queue would be about twice as long as the average. */
    @Property(tries = 100)
    void noQueueIsMuchLongerThanTheAverage(@ForAll @IntRange(min = 2, max = 200) int count) {
        int each = 20;
        List<Recorder> members = members(count);
        for (int i = 0; i < count * each; i++) {
            deliver();
            // What was sent is not acknowledged, so it is a load.
            members.forEach(member -> member.load = member.messages.size());
        }
        assertThat(members).allSatisfy(member -> assertThat(member.load).isLessThan(each + 8));
        assertThat(members.stream().mapToInt(member -> member.messages.size()).sum())
                .isEqualTo(count * each);
    }

    @Property(tries = 300)
    void nobodyIsChosenWhoIsNotReadyWhileSomebodyIs(
            @ForAll @Size(min = 2, max = 40) List<@IntRange(min = 0, max = 3) Integer> states,
            @ForAll @IntRange(min = 0, max = 39) int ready) {
        List<Recorder> members = members(states.size());
        for (int i = 0; i < members.size(); i++) {
            members.get(i).connected = (states.get(i) & 1) == 0;
            members.get(i).hasRoom = (states.get(i) & 2) == 0;
            members.get(i).load = i;
        }
        Recorder one = members.get(ready % members.size());
        one.connected = true;
        one.hasRoom = true;
        for (int i = 0; i < 20; i++) {
            deliver();
        }
        assertThat(members)
                .filteredOn(member -> !member.connected || !member.hasRoom)
                .allSatisfy(member -> assertThat(member.messages).isEmpty());
    }

    @Property(tries = 100)
    void whoLeavesDoesNotGetItsMessageBack(@ForAll @IntRange(min = 2, max = 40) int count) {
        List<Recorder> members = members(count);
        Recorder leaving = members.get(count / 2);
        members.forEach(member -> member.load = 9);
        leaving.load = 0;
        for (int i = 0; i < 20; i++) {
            assertThat(tree.redeliver(SHARE, MESSAGE, leaving, true)).isTrue();
        }
        assertThat(leaving.messages).isEmpty();
    }
}

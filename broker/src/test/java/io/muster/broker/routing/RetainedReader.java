package io.muster.broker.routing;

import io.muster.broker.message.Message;
import io.muster.broker.routing.RetainedMessages.Matches;
import io.muster.broker.topic.TopicFilter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads retained messages to the end, and makes matches of a list. */
public final class RetainedReader {

    private RetainedReader() {}

    /** All that match a filter now. */
    public static List<Message> read(RetainedMessages retained, TopicFilter filter, long now) {
        return read(retained.matches(filter, Long.MAX_VALUE, now), now);
    }

    /** All that are left. */
    public static List<Message> read(Matches matches, long now) {
        List<Message> found = new ArrayList<>();
        while (!matches.isOver()) {
            Message next = matches.next(now);
            if (next != null) {
                found.add(next);
            }
        }
        return found;
    }

    /** Matches that are these messages, in this order; null is a time in which none is found. */
    public static Matches matchesOf(@Nullable Message... messages) {
        Iterator<@Nullable Message> rest = Arrays.asList(messages).iterator();
        return new Matches() {
            @Override
            public @Nullable Message next(long nowMillis) {
                return rest.hasNext() ? rest.next() : null;
            }

            @Override
            public boolean isOver() {
                return !rest.hasNext();
            }
        };
    }
}

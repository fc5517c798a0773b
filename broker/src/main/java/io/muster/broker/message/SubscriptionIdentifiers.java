package io.muster.broker.message;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The subscription identifiers that a delivery carries: those of all the subscriptions of one
 * session that match the message [MQTT-3.3.4-3]. Immutable.
 *
 * <p>An identifier stands in it as often as the client used it for matching subscriptions [MQTT5
 * 3.3.2.3.8].
 */
public final class SubscriptionIdentifiers {

    /** No identifier. */
    public static final SubscriptionIdentifiers NONE = new SubscriptionIdentifiers(new int[0]);

    private final int[] identifiers;

    private SubscriptionIdentifiers(int[] identifiers) {
        this.identifiers = identifiers;
    }

    /**
     * The identifier of one subscription.
     *
     * @param identifier 1 to 268,435,455, or 0 for {@link #NONE}
     */
    public static SubscriptionIdentifiers of(int identifier) {
        return identifier == 0 ? NONE : new SubscriptionIdentifiers(new int[] {identifier});
    }

    /** These and those of {@code others}. */
    public SubscriptionIdentifiers with(SubscriptionIdentifiers others) {
        if (others.isEmpty()) {
            return this;
        }
        if (isEmpty()) {
            return others;
        }
        int[] all = Arrays.copyOf(identifiers, size() + others.size());
        System.arraycopy(others.identifiers, 0, all, size(), others.size());
        return new SubscriptionIdentifiers(all);
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return identifiers.length == 0;
    }

    /** How many there are. */
    public int size() {
        return identifiers.length;
    }

    /** One of them; {@code index} counts from 0. */
    public int get(int index) {
        return identifiers[index];
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SubscriptionIdentifiers those
                && Arrays.equals(identifiers, those.identifiers);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(identifiers);
    }

    @Override
    public String toString() {
        return Arrays.toString(identifiers);
    }
}

package io.muster.auth.secret;

import io.muster.auth.TopicPolicy;
import io.muster.auth.TopicRule;
import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.DeviceId;
import io.muster.devices.Product;
import io.muster.devices.product.TopicTemplate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/**
 * The topics of devices by the rules of their products; shared, never blocks.
 *
 * <p>All devices of a product share its rules, which are replaced when the product is changed: so
 * whoever asks on behalf of a device is answered by the present ones. What is remembered of earlier
 * answers is a matter of those who remember.
 */
public final class ProductTopics implements DevicePermissions {

    private final ConcurrentMap<String, Rules> products = new ConcurrentHashMap<>();

    @Override
    public TopicPermissions of(Product product, Map<String, String> facts) {
        return TopicPolicy.following(learned(product), facts);
    }

    /** From now on the rules of this product are known here, and followed. */
    public void learn(Product product) {
        var unused = learned(product);
    }

    private Rules learned(Product product) {
        Rules rules = products.computeIfAbsent(product.productKey(), key -> new Rules(product));
        rules.follow(product);
        return rules;
    }

    /**
     * The permissions of a device of which nothing is known but its name, so not what it calls
     * itself; empty if the rules of its product are not known here.
     */
    public Optional<TopicPermissions> find(DeviceId id) {
        return Optional.ofNullable(products.get(id.productKey()))
                .map(
                        rules ->
                                TopicPolicy.following(
                                        rules,
                                        Map.of(
                                                "productKey",
                                                id.productKey(),
                                                "deviceKey",
                                                id.deviceKey())));
    }

    /**
     * A product stands like this now.
     *
     * @return whether devices that have permissions may be asking for other topics than before
     */
    public boolean changed(Product product) {
        // Known also if nobody asks yet: what somebody read before the change is then too old.
        Rules before = products.putIfAbsent(product.productKey(), new Rules(product));
        return before != null && before.announce(product);
    }

    /** A product is no more, and neither are its devices. */
    public void deleted(String productKey) {
        products.remove(productKey);
    }

    /** Of one product; what is older than what it knows, is late and ignored. */
    private static final class Rules implements Supplier<List<TopicRule>> {

        private volatile List<TopicRule> rules;

        // Guarded by this.
        private Instant createdAt;
        private long revision;
        private TopicTemplate template;

        /** Those by which all who are signed in were asked last. */
        private TopicTemplate announced;

        private Rules(Product product) {
            createdAt = product.createdAt();
            revision = product.revision();
            template = product.settings().topics();
            announced = template;
            rules = TopicPolicy.rulesOf(template);
        }

        private synchronized void follow(Product product) {
            if (product.isNewerThan(createdAt, revision)) {
                createdAt = product.createdAt();
                revision = product.revision();
                template = product.settings().topics();
                rules = TopicPolicy.rulesOf(template);
            }
        }

        /** A sign-in may have brought the rules before those who are signed in were asked anew. */
        private synchronized boolean announce(Product product) {
            follow(product);
            boolean isOther = !template.equals(announced);
            announced = template;
            return isOther;
        }

        @Override
        public List<TopicRule> get() {
            return rules;
        }
    }
}

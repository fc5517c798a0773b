package io.muster.auth.secret;

import io.muster.auth.TopicPolicy;
import io.muster.auth.TopicRule;
import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.Product;
import io.muster.devices.product.TopicTemplate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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
        Rules rules = products.computeIfAbsent(product.productKey(), key -> new Rules(product));
        var unused = rules.follow(product);
        return TopicPolicy.following(rules, facts);
    }

    /**
     * A product stands like this now.
     *
     * @return whether devices that have permissions may be asking for other topics than before
     */
    public boolean changed(Product product) {
        Rules rules = products.get(product.productKey());
        return rules != null && rules.follow(product);
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

        private Rules(Product product) {
            createdAt = product.createdAt();
            revision = product.revision();
            template = product.settings().topics();
            rules = TopicPolicy.rulesOf(template);
        }

        private synchronized boolean follow(Product product) {
            if (!product.isNewerThan(createdAt, revision)) {
                return false;
            }
            createdAt = product.createdAt();
            revision = product.revision();
            TopicTemplate before = template;
            template = product.settings().topics();
            if (template.equals(before)) {
                return false;
            }
            rules = TopicPolicy.rulesOf(template);
            return true;
        }

        @Override
        public List<TopicRule> get() {
            return rules;
        }
    }
}

package io.muster.hub.products;

import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.auth.secret.ProductTopics;
import io.muster.devices.Product;
import io.muster.devices.registry.RegistryListener;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets changed topic rules of products take hold for devices that are signed in. Shared; blocks
 * whoever changes a product until that is done, but not longer than some seconds.
 */
public final class ProductChanges implements RegistryListener {

    private static final Logger log = LoggerFactory.getLogger(ProductChanges.class);

    private static final int PATIENCE_SECONDS = 5;

    private final ProductTopics topics;
    private final Function<Predicate<String>, CompletionStage<Integer>> askAnew;

    /**
     * Changes of the products of {@code topics}.
     *
     * @param askAnew has the clients of the principals that the predicate says be asked anew what
     *     they may do
     */
    public ProductChanges(
            ProductTopics topics, Function<Predicate<String>, CompletionStage<Integer>> askAnew) {
        this.topics = topics;
        this.askAnew = askAnew;
    }

    /** A gateway may act for devices of this product, so all devices are asked. */
    @Override
    public void settingsChanged(Product product) {
        if (topics.changed(product)) {
            await(
                    product.productKey(),
                    askAnew.apply(
                            principal ->
                                    principal.startsWith(
                                            DeviceSecretAuthenticator.PRINCIPAL_PREFIX)));
        }
    }

    private static void await(String productKey, CompletionStage<Integer> asked) {
        try {
            int clients = asked.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            log.info("topic rules changed product={} clients={}", productKey, clients);
        } catch (TimeoutException | ExecutionException late) {
            log.warn("topic rules changed, not for all clients yet product={}", productKey, late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void productDeleted(String productKey) {
        topics.deleted(productKey);
    }
}

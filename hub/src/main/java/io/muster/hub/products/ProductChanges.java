package io.muster.hub.products;

import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.auth.secret.ProductTopics;
import io.muster.devices.Product;
import io.muster.devices.registry.change.RegistryListener;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets changed topic rules of products, and that they demand certificates, take hold for devices
 * that are signed in. Shared; blocks whoever changes a product until that is done, but not longer
 * than some seconds.
 */
public final class ProductChanges implements RegistryListener {

    private static final Logger log = LoggerFactory.getLogger(ProductChanges.class);

    private static final int PATIENCE_SECONDS = 5;

    private final ProductTopics topics;
    private final Function<String, Predicate<String>> actingFor;
    private final Function<Predicate<String>, CompletionStage<Integer>> askAnew;
    private final Function<String, CompletionStage<Integer>> endUncertified;

    /**
     * Changes of the products of {@code topics}.
     *
     * @param actingFor of a product key, says by their names which devices of other products may do
     *     what its devices may
     * @param askAnew has the clients of the principals that the predicate says be asked anew what
     *     they may do
     * @param endUncertified of a product key, ends the connections of its devices that have no
     *     certificate
     */
    public ProductChanges(
            ProductTopics topics,
            Function<String, Predicate<String>> actingFor,
            Function<Predicate<String>, CompletionStage<Integer>> askAnew,
            Function<String, CompletionStage<Integer>> endUncertified) {
        this.topics = topics;
        this.actingFor = actingFor;
        this.askAnew = askAnew;
        this.endUncertified = endUncertified;
    }

    @Override
    public void settingsChanged(Product product) {
        String productKey = product.productKey();
        if (topics.changed(product)) {
            await("topic rules changed", productKey, askAnew.apply(concerned(productKey)));
        }
        if (product.settings().certificateRequired()) {
            await("certificates demanded", productKey, endUncertified.apply(productKey));
        }
    }

    /** Principals: its devices, and the gateways that act for one of them. */
    private Predicate<String> concerned(String productKey) {
        String prefix = DeviceSecretAuthenticator.PRINCIPAL_PREFIX;
        Predicate<String> gateways = actingFor.apply(productKey);
        return principal ->
                principal.startsWith(prefix)
                        && (principal.startsWith(productKey + "/", prefix.length())
                                || gateways.test(principal.substring(prefix.length())));
    }

    private static void await(String what, String productKey, CompletionStage<Integer> asked) {
        try {
            int clients = asked.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            log.info("{} product={} clients={}", what, productKey, clients);
        } catch (TimeoutException | ExecutionException late) {
            log.warn("{}, not for all clients yet product={}", what, productKey, late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void productDeleted(String productKey) {
        topics.deleted(productKey);
    }
}

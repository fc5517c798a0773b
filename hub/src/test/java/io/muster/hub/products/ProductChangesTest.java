package io.muster.hub.products;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.secret.ProductTopics;
import io.muster.devices.Product;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.product.ProductSettings;
import io.muster.devices.product.TopicTemplate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who is asked anew when the topic rules of a product have changed. */
class ProductChangesTest {

    private final ProductTopics topics = new ProductTopics();
    private final List<Predicate<String>> asked = new ArrayList<>();
    private final List<String> demanding = new ArrayList<>();
    private final ProductChanges changes =
            new ProductChanges(
                    topics,
                    productKey -> device -> productKey.equals("pump") && device.equals("gwp/g1"),
                    principals -> {
                        asked.add(principals);
                        return CompletableFuture.completedFuture(1);
                    },
                    productKey -> {
                        demanding.add(productKey);
                        return CompletableFuture.completedFuture(1);
                    });

    private static Product product(String productKey, long revision, String... rules) {
        List<TopicTemplate.Rule> parsed = Stream.of(rules).map(TopicTemplate.Rule::parse).toList();
        return new Product(
                productKey,
                RotatingSecret.of(Secret.of("p")),
                ProductSettings.named("Pumps").withTopics(new TopicTemplate(parsed)),
                revision,
                Instant.EPOCH);
    }

    @Test
    void itsDevicesAreAndGatewaysThatActForOneOfThemAndNobodyElse() {
        topics.learn(product("pump", 1));

        changes.settingsChanged(product("pump", 2, "deny subscribe x"));

        assertThat(asked).hasSize(1);
        assertThat(
                        Stream.of(
                                        "device:pump/d1",
                                        "device:pump2/d1",
                                        "device:valve/pump",
                                        "device:gwp/g1",
                                        "device:gwp/g2",
                                        "app:pump/d1",
                                        "anonymous")
                                .filter(asked.get(0)))
                .containsExactly("device:pump/d1", "device:gwp/g1");
    }

    @Test
    void connectionsEndWhereCertificatesAreDemanded() {
        Product lax = product("pump", 1);
        changes.settingsChanged(lax);
        assertThat(demanding).isEmpty();

        changes.settingsChanged(
                new Product(
                        "pump",
                        lax.secrets(),
                        lax.settings().withCertificateRequired(true),
                        2,
                        Instant.EPOCH));
        assertThat(demanding).containsExactly("pump");
    }

    @Test
    void nobodyIsWhereTheRulesAreTheSameOrNobodyKnowsTheProduct() {
        topics.learn(product("pump", 1));

        changes.settingsChanged(product("pump", 2));
        changes.settingsChanged(product("valve", 2, "deny subscribe x"));

        assertThat(asked).isEmpty();
    }
}

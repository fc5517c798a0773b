package io.muster.devices.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.Product;
import io.muster.devices.product.CertificatePolicy;
import io.muster.devices.product.Enrollment;
import io.muster.devices.product.KeyType;
import io.muster.devices.product.ProductSettings;
import io.muster.devices.product.ProductType;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.product.SignInPolicy;
import io.muster.devices.product.TopicTemplate;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class ProductRegistryTest {

    private static final OptionalLong ANY_REVISION = OptionalLong.empty();

    private static final ProductSettings EVERYTHING =
            new ProductSettings(
                    "Pumps ä",
                    ProductType.GATEWAY,
                    new Enrollment(true, false, true),
                    new CertificatePolicy(
                            true,
                            false,
                            Set.of(KeyType.RSA_2048, KeyType.EC_P256),
                            Optional.of(30),
                            Optional.of(60),
                            Optional.of(true)),
                    Optional.of(Duration.ofSeconds(90)),
                    new SignInPolicy(
                            Optional.of(true),
                            Optional.of(Duration.ofSeconds(30)),
                            Optional.of(false)),
                    new TopicTemplate(
                            List.of(
                                    TopicTemplate.Rule.parse(
                                            "allow subscribe news/${productKey}/#"),
                                    TopicTemplate.Rule.parse("deny publish a b/+"))),
                    Map.of("site", "Nord 1", "line", "a=b"));
    private final RegistryDatabase database;
    private final DeviceRegistry registry;

    ProductRegistryTest(TestDatabase kind, @TempDir Path folder) throws IOException {
        database = kind.open(folder);
        registry = new DeviceRegistry(database, Clock.systemUTC());
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void keepsAllThatAnOperatorDecides() {
        Product created = registry.products().create(Optional.of("pk1"), settings -> EVERYTHING);

        assertThat(created.settings()).isEqualTo(EVERYTHING);
        assertThat(created.revision()).isEqualTo(1);
        assertThat(registry.products().find("pk1")).contains(created);
        assertThat(registry.products().list("", 10)).containsExactly(created);
        assertThat(
                        registry.products()
                                .rotateSecret("pk1", Duration.ZERO, OptionalLong.empty())
                                .settings())
                .isEqualTo(EVERYTHING);
    }

    @Test
    void changesAllThatAnOperatorDecidesAndForgetsItAgain() {
        registry.products().create(Optional.of("pk1"), settings -> settings);

        Product changed = registry.products().update("pk1", ANY_REVISION, old -> EVERYTHING);
        assertThat(changed.settings()).isEqualTo(EVERYTHING);
        assertThat(registry.products().find("pk1")).contains(changed);

        ProductSettings plain = ProductSettings.named("x");
        Product cleared = registry.products().update("pk1", ANY_REVISION, old -> plain);
        assertThat(cleared.settings()).isEqualTo(plain);
        assertThat(registry.products().find("pk1")).contains(cleared);
    }

    @Test
    void aRevisionGrowsByOneWithEachChangeAndWithNothingElse() {
        registry.products().create(Optional.of("pk1"), settings -> settings);

        assertThat(rename("pk1", "a").revision()).isEqualTo(2);
        assertThat(rename("pk1", "b").revision()).isEqualTo(3);
        assertThat(rename("pk1", "b").revision()).isEqualTo(3);
        assertThat(
                        registry.products()
                                .rotateSecret("pk1", Duration.ZERO, OptionalLong.empty())
                                .revision())
                .isEqualTo(4);
    }

    private Product rename(String key, String name) {
        return registry.products().update(key, ANY_REVISION, old -> old.withName(name));
    }

    @Test
    void doesNotChangeAProductThatSomebodyElseHasChanged() {
        registry.products().create(Optional.of("pk1"), settings -> settings);
        Product present = rename("pk1", "theirs");

        assertThatExceptionOfType(RevisionConflictException.class)
                .isThrownBy(
                        () ->
                                registry.products()
                                        .update(
                                                "pk1",
                                                OptionalLong.of(1),
                                                old -> old.withName("mine")))
                .withMessage("product 'pk1' is at revision 2, not 1")
                .satisfies(conflict -> assertThat(conflict.present()).isEqualTo(2));
        assertThat(registry.products().find("pk1")).contains(present);
        assertThat(
                        registry.products()
                                .update("pk1", OptionalLong.of(2), old -> old.withName("mine"))
                                .settings()
                                .name())
                .isEqualTo("mine");
    }

    @Test
    void ofManyWhoChangeTheSameRevisionOneSucceeds() throws InterruptedException {
        registry.products().create(Optional.of("pk1"), settings -> settings.withName("0"));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        for (int i = 0; i < 40; i++) {
            threads.execute(this::countUp);
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();

        Product counted = registry.products().find("pk1").orElseThrow();
        assertThat(counted.settings().name()).isEqualTo("40");
        assertThat(counted.revision()).isEqualTo(41);
    }

    /** Makes the name one more, from what was read before, until nobody was faster. */
    private void countUp() {
        Product read = registry.products().find("pk1").orElseThrow();
        String next = String.valueOf(Integer.parseInt(read.settings().name()) + 1);
        try {
            registry.products()
                    .update("pk1", OptionalLong.of(read.revision()), old -> old.withName(next));
        } catch (RevisionConflictException late) {
            countUp();
        }
    }

    @Test
    void changesNothingWhenTheChangeIsRefused() {
        Product created = registry.products().create(Optional.of("pk1"), settings -> settings);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> rename("pk1", " "))
                .withMessageContaining("name");
        assertThat(registry.products().find("pk1")).contains(created);
    }

    @Test
    void findsProductsByTheirTags() {
        tagged("p1", Map.of("site", "Nord", "line", "1"));
        tagged("p2", Map.of("site", "Nord"));
        tagged("p3", Map.of("site", "nord"));
        tagged("p4", Map.of("site", "Nord 1", "offsite", "Nord"));
        tagged("p5", Map.of("line", "1", "site", "Nord"));

        assertThat(keys(Map.of("site", "Nord"), "")).containsExactly("p1", "p2", "p5");
        assertThat(keys(Map.of("site", "Nord", "line", "1"), "")).containsExactly("p1", "p5");
        assertThat(keys(Map.of("site", "Nord"), "p1")).containsExactly("p2", "p5");
        assertThat(keys(Map.of("site", "%"), "")).isEmpty();
        assertThat(keys(Map.of(), "")).hasSize(5);
        Map<String, String> tooMany = new HashMap<>();
        for (int i = 0; i <= ProductSettings.TAGS_MAX; i++) {
            tooMany.put("tag" + i, "");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> keys(tooMany, ""));
    }

    private void tagged(String key, Map<String, String> tags) {
        registry.products().create(Optional.of(key), settings -> settings.withTags(tags));
    }

    private List<String> keys(Map<String, String> tags, String after) {
        return registry.products().list(tags, after, 10).stream().map(Product::productKey).toList();
    }
}

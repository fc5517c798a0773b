package io.muster.broker.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouteCacheTest {

    private final TopicTree tree = new TopicTree();
    private final Recorder ada = new Recorder("ada");
    private final Recorder bob = new Recorder("bob");

    @Test
    void remembersTheMatchesOfATopic() {
        RouteCache cache = new RouteCache(32);
        tree.subscribe(ada.to("a/b"));
        tree.subscribe(bob.to("a/+"));

        // Two filters match, so the tree would make a new array each time.
        assertThat(cache.route("a/b").matches(tree))
                .hasSize(2)
                .isSameAs(cache.route("a/b").matches(tree));
        assertThat(tree.match("a/b")).isNotSameAs(tree.match("a/b"));
    }

    @Test
    void looksAgainWhenSubscriptionsHaveChanged() {
        RouteCache cache = new RouteCache(32);
        assertThat(cache.route("a").matches(tree)).isEmpty();

        tree.subscribe(ada.to("a"));
        assertThat(cache.route("a").matches(tree)).containsExactly(ada.to("a"));

        tree.unsubscribe(ada.to("a").filter(), ada);
        assertThat(cache.route("a").matches(tree)).isEmpty();
    }

    @Test
    void doesNotKeepAMultitudeAlive() {
        Route route = new RouteCache(1).route("a");
        for (int i = 0; i < Route.KEPT_MAX; i++) {
            tree.subscribe(new Recorder("client-" + i).to(i % 2 == 0 ? "a" : "+"));
        }
        assertThat(route.matches(tree)).hasSize(Route.KEPT_MAX).isSameAs(route.matches(tree));

        tree.subscribe(ada.to("#"));
        assertThat(route.matches(tree))
                .hasSize(Route.KEPT_MAX + 1)
                .isNotSameAs(route.matches(tree));
    }

    @Test
    void remembersTheDecisionWhetherPublishingIsAllowed() {
        RouteCache cache = new RouteCache(32);
        assertThat(cache.route("a").publishAllowed()).isNull();

        cache.route("a").publishAllowed(true);
        cache.route("b").publishAllowed(false);

        assertThat(cache.route("a").publishAllowed()).isTrue();
        assertThat(cache.route("b").publishAllowed()).isFalse();
        tree.subscribe(ada.to("a"));
        assertThat(cache.route("a").publishAllowed()).as("whatever is subscribed").isTrue();
    }

    @Test
    void servesTopicsThatShareAPlaceWithoutMixingThemUp() {
        RouteCache cache = new RouteCache(1);
        tree.subscribe(ada.to("a"));
        tree.subscribe(bob.to("b"));
        cache.route("a").publishAllowed(true);

        assertThat(cache.route("b").matches(tree)).containsExactly(bob.to("b"));
        assertThat(cache.route("b").publishAllowed()).isNull();
        assertThat(cache.route("a").matches(tree)).containsExactly(ada.to("a"));
        assertThat(cache.route("a").publishAllowed()).as("driven out by b").isNull();
        assertThat(cache.route("a").topic()).isEqualTo("a");
    }

    @Test
    void tellsTopicsWithTheSameHashCodeApart() {
        RouteCache cache = new RouteCache(32);
        cache.route("Aa").publishAllowed(true);

        assertThat(cache.route("BB").publishAllowed()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 3, 33, Integer.MIN_VALUE})
    void refusesASizeThatIsNoPowerOfTwo(int size) {
        assertThatThrownBy(() -> new RouteCache(size))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("power of two, not " + size);
    }
}

package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenPartsTest {

    private final List<String> closed = new ArrayList<>();
    private final OpenParts open = new OpenParts();

    private AutoCloseable part(String name) {
        return () -> closed.add(name);
    }

    @Test
    void closesInTheOrderOfThePartsHoweverTheyWereOpened() {
        open.open(Part.DATA_FOLDER, () -> part("folder"));
        open.open(Part.BROKER, () -> part("broker"));
        open.open(Part.READINESS, () -> part("readiness"));

        open.close();

        assertThat(closed).containsExactly("readiness", "broker", "folder");
    }

    @Test
    void closesTheOthersWhenOneFailsTo() {
        open.open(
                Part.BROKER,
                () ->
                        () -> {
                            throw new IllegalStateException("stuck");
                        });
        open.open(Part.DATA_FOLDER, () -> part("folder"));

        open.close();

        assertThat(closed).containsExactly("folder");
    }

    @Test
    void closesOnceOnly() {
        open.open(Part.BROKER, () -> part("broker"));

        open.close();
        open.close();

        assertThat(closed).containsExactly("broker");
    }

    @Test
    void namesThePartThatCouldNotBeOpened() {
        assertThatThrownBy(
                        () ->
                                open.open(
                                        Part.REGISTRY,
                                        () -> {
                                            throw new IOException("no such file");
                                        }))
                .isInstanceOf(HubStartException.class)
                .hasMessage("the hub did not start: registry: no such file");
    }
}

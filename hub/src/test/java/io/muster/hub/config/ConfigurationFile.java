package io.muster.hub.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A configuration file of its own for each test. */
abstract class ConfigurationFile {

    @TempDir Path folder = Path.of("");
    Path file = Path.of("");

    @BeforeEach
    void nameFile() {
        file = folder.resolve("muster.conf");
    }

    Configuration load(String conf) {
        return load(conf, Map.of());
    }

    Configuration load(String conf, Map<String, String> environment) {
        write(conf);
        return ConfigurationLoader.load(Optional.of(file), Optional.empty(), environment);
    }

    List<String> problems(String conf) {
        return problems(conf, Map.of());
    }

    List<String> problems(String conf, Map<String, String> environment) {
        return refused(() -> load(conf, environment)).problems();
    }

    static InvalidConfigException refused(Runnable load) {
        InvalidConfigException e = catchThrowableOfType(InvalidConfigException.class, load::run);
        assertThat(e).as("the refusal").isNotNull();
        return e;
    }

    void write(String conf) {
        try {
            Files.writeString(file, conf);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

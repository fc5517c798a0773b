package io.muster.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Walks the road of a third party: compile against auth-spi alone, make a jar, put it in place. */
class PlugInTest {

    private static final String SERVICE =
            "META-INF/services/" + AuthenticatorProvider.class.getName();
    private static final String PROVIDER = "com.example.badge.BadgeProvider";

    private final Path folder;
    private final Path classes;

    PlugInTest(@TempDir Path folder) {
        this.folder = folder;
        this.classes = folder.resolve("classes");
    }

    @BeforeEach
    void compileThePlugIn() throws IOException, URISyntaxException {
        Path source = folder.resolve("BadgeProvider.java");
        try (var text = PlugInTest.class.getResourceAsStream("/plugin/BadgeProvider.java")) {
            Files.write(source, text.readAllBytes());
        }
        Files.createDirectory(classes);
        URI spi =
                AuthenticatorProvider.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI();
        int exit =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-proc:none",
                                "-classpath",
                                Path.of(spi).toString(),
                                "-d",
                                classes.toString(),
                                source.toString());
        assertThat(exit).as("exit code of javac").isZero();
    }

    @Test
    void aJarOnTheClassPathBringsAnAuthenticator() throws IOException {
        try (URLClassLoader plugIns = classPath(jar("badge.jar", PROVIDER))) {
            Authenticator badge =
                    new AuthenticatorLoader(List.of(), plugIns)
                            .create(
                                    "badge",
                                    new AuthenticatorProvider.Settings("gate", settings("4711")));

            Identity identity =
                    Presented.identity(
                            Presented.answer(badge, Presented.by("c1", "badge:4711", "x")));

            assertThat(badge.getClass().getClassLoader()).isSameAs(plugIns);
            assertThat(identity.principal()).isEqualTo("badge:4711");
            assertThat(identity.permissions().maySubscribe("gates/4711")).isTrue();
            assertThat(
                            Presented.reason(
                                    Presented.answer(badge, Presented.by("c1", "badge:1", "x"))))
                    .isEqualTo(DenyReason.BAD_CREDENTIALS);
        }
    }

    @Test
    void aSettingThatThePlugInMissesNamesTheEntry() throws IOException {
        try (URLClassLoader plugIns = classPath(jar("badge.jar", PROVIDER))) {
            AuthenticatorLoader loader = new AuthenticatorLoader(List.of(), plugIns);

            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () ->
                                    loader.create(
                                            "badge",
                                            new AuthenticatorProvider.Settings("gate", Map.of())))
                    .withMessageContaining("'gate'")
                    .withMessageContaining("'number'");
        }
    }

    @Test
    void aJarThatNamesAClassWhichIsNotThereStopsTheStart() throws IOException {
        try (URLClassLoader plugIns = classPath(jar("badge.jar", "com.example.badge.Missing"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new AuthenticatorLoader(List.of(), plugIns))
                    .withMessageContaining("com.example.badge.Missing");
        }
    }

    @Test
    void twoJarsOfOneTypeStopTheStart() throws IOException {
        String other = PROVIDER + "$Copy";
        try (URLClassLoader plugIns =
                classPath(jar("badge.jar", PROVIDER), jar("other.jar", other))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new AuthenticatorLoader(List.of(), plugIns))
                    .withMessageContaining("two authenticator providers have the type 'badge'")
                    .withMessageContaining(other);
        }
    }

    private static Map<String, String> settings(String number) {
        return Map.of("number", number);
    }

    private static URLClassLoader classPath(URL... jars) {
        return new URLClassLoader(jars, AuthenticatorProvider.class.getClassLoader());
    }

    private URL jar(String name, String provider) throws IOException {
        Path jar = folder.resolve(name);
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(file);
                var compiled = Files.walk(classes)) {
            entries.putNextEntry(new JarEntry(SERVICE));
            entries.write(provider.getBytes(StandardCharsets.UTF_8));
            for (Path path : compiled.filter(Files::isRegularFile).toList()) {
                String entry = classes.relativize(path).toString().replace('\\', '/');
                entries.putNextEntry(new JarEntry(entry));
                entries.write(Files.readAllBytes(path));
            }
        }
        return jar.toUri().toURL();
    }
}

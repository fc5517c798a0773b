package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.HttpCaller.Answer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is not known takes no thread from those who are, nor from the health pages. */
class StrangersTest {

    /** More than the server has threads. */
    private static final int MANY = 24;

    private static final String TOKEN = "/apim-token-service/v2.0/token/get";

    private final List<Socket> sockets = new ArrayList<>();
    private ApiFixture api;

    @BeforeEach
    void start(@TempDir Path folder) {
        api = ApiFixture.start(folder);
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        api.close();
    }

    private void send(String request) throws IOException {
        Socket socket = new Socket();
        socket.connect(api.address());
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        sockets.add(socket);
    }

    private void assertOthersAreAnswered() {
        assertThat(api.operator().withoutToken().get("/health/live").status()).isEqualTo(200);
        assertThat(api.operator().withoutToken().get("/metrics").status()).isEqualTo(200);
        assertThat(api.operator().get("/api/v1/products").status()).isEqualTo(200);
    }

    @Test
    void bodiesThatDoNotComeHoldNoThread() throws IOException {
        for (int i = 0; i < MANY; i++) {
            send(
                    "POST "
                            + TOKEN
                            + " HTTP/1.1\r\nHost: x\r\nContent-Length: 300\r\n\r\n{\"appKey\":");
            send(
                    "POST "
                            + TOKEN
                            + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"app");
            send(
                    "POST "
                            + TOKEN
                            + " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                            + "Content-Length: 300\r\n\r\n");
        }

        assertOthersAreAnswered();
    }

    @Test
    void aBodyThatEndsTooEarlyIsNoFaultOfTheHub() throws IOException {
        send("POST " + TOKEN + " HTTP/1.1\r\nHost: x\r\nContent-Length: 300\r\n\r\n{");
        Socket socket = sockets.get(0);
        socket.setSoTimeout(10_000);
        socket.shutdownOutput();

        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(answer).contains(" 400 ", "the body ended too early");
    }

    @Test
    void whoTriesPasswordsIsTurnedAwayWhileOthersAreLookedAt() {
        List<CompletableFuture<Answer>> tries =
                IntStream.range(0, MANY)
                        .mapToObj(
                                i ->
                                        CompletableFuture.supplyAsync(
                                                () ->
                                                        api.operator()
                                                                .withPassword("n" + i, "password")
                                                                .get("/api/v1/me"),
                                                task -> new Thread(task).start()))
                        .toList();
        List<Answer> answers = tries.stream().map(CompletableFuture::join).toList();

        assertThat(answers).extracting(Answer::status).contains(401, 503).containsOnly(401, 503);
        assertThat(answers)
                .filteredOn(answer -> answer.status() == 503)
                .allSatisfy(answer -> assertThat(answer.header("Retry-After")).isEqualTo("1"));
        assertOthersAreAnswered();
    }

    @Test
    void aRequestForATokenIsSmall() {
        Answer answer =
                api.operator()
                        .withoutToken()
                        .post(TOKEN, "{\"appKey\":\"" + "x".repeat(1_100) + "\"}");

        assertThat(answer.json().path("status").asInt()).isEqualTo(99400);
        assertThat(answer.json().path("msg").asText()).contains("larger than 1024 bytes");
    }
}

package io.muster.hub.openapi;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The OpenAPI document, to which all HTTP exchanges of the tests are held. Shared.
 *
 * <p>It is taken more strictly than clients should: an answer may have no field that is not
 * described.
 */
public final class ApiContract {

    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");
    private static final Pattern ENOS =
            Pattern.compile("/((connect|apim-token)-service|connectService)/.*");
    private static final ApiContract SHARED = new ApiContract();

    private final ObjectNode document;
    private final SchemaRegistry schemas =
            SchemaRegistry.withDefaultDialect(
                    Dialects.getDraft202012(),
                    registry ->
                            registry.schemaRegistryConfig(
                                    SchemaRegistryConfig.builder()
                                            .formatAssertionsEnabled(true)
                                            .build()));
    private final Map<JsonNode, Schema> compiled = new ConcurrentHashMap<>();

    private ApiContract() {
        try (InputStream yaml =
                Objects.requireNonNull(
                        ApiContract.class.getResourceAsStream("/io/muster/hub/api/openapi.yaml"))) {
            document =
                    (ObjectNode)
                            YAMLMapper.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build()
                                    .readTree(yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        forbidOtherFields(document.path("components").path("schemas"));
    }

    /** The document of the hub under test. */
    public static ApiContract shared() {
        return SHARED;
    }

    private static void forbidOtherFields(JsonNode node) {
        if (node.path("properties").isObject() && !node.has("additionalProperties")) {
            ((ObjectNode) node).put("additionalProperties", false);
        }
        node.forEach(ApiContract::forbidOtherFields);
    }

    /** The whole document. */
    public JsonNode document() {
        return document;
    }

    /**
     * An operation.
     *
     * @param method in capitals
     * @param path with its parameters in braces
     */
    public record Operation(String method, String path, JsonNode description) {

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    /** All that there are. */
    public Stream<Operation> operations() {
        return document.path("paths").properties().stream()
                .flatMap(
                        path ->
                                path.getValue().properties().stream()
                                        .filter(entry -> METHODS.contains(entry.getKey()))
                                        .map(
                                                entry ->
                                                        new Operation(
                                                                entry.getKey()
                                                                        .toUpperCase(Locale.ROOT),
                                                                path.getKey(),
                                                                entry.getValue())));
    }

    /** What was sent and answered; bodies are empty if there were none. */
    public record Exchange(
            String method,
            URI uri,
            String sentType,
            String sent,
            int status,
            String answeredType,
            String answered) {}

    /**
     * Compares an exchange with the document.
     *
     * @throws AssertionError saying what is otherwise
     */
    public void check(Exchange exchange) {
        Optional<Operation> operation = find(exchange.method(), exchange.uri().getRawPath());
        if (operation.isEmpty()) {
            require(
                    exchange.status() >= 400 || exchange.method().equals("HEAD"),
                    exchange,
                    "is not described");
            return;
        }
        checkAnswer(exchange, operation.get().description().path("responses"));
        if (isTaken(exchange)) {
            checkRequest(exchange, operation.get());
        }
    }

    /** EnOS refuses with status 200, and a code in the body. */
    private static boolean isTaken(Exchange exchange) {
        if (exchange.status() >= 300) {
            return false;
        }
        if (!ENOS.matcher(exchange.uri().getPath()).matches()) {
            return true;
        }
        JsonNode answer = parse(exchange.answered());
        return answer.path("code").asInt() == 0 && answer.path("status").asInt() == 0;
    }

    /**
     * Compares what is asked with the document, whatever is answered.
     *
     * @return the operation that it asks for
     * @throws AssertionError saying what is otherwise, also if there is no such operation
     */
    public Operation checkRequest(Exchange exchange) {
        Optional<Operation> operation = find(exchange.method(), exchange.uri().getRawPath());
        require(operation.isPresent(), exchange, "is not described");
        checkRequest(exchange, operation.orElseThrow());
        return operation.orElseThrow();
    }

    private Optional<Operation> find(String method, String path) {
        return operations()
                .filter(operation -> operation.method().equals(method))
                .filter(operation -> pattern(operation.path()).matcher(path).matches())
                // The one with the fewest variable levels, as a router would.
                .min((one, other) -> Long.compare(variables(one.path()), variables(other.path())));
    }

    private static long variables(String path) {
        return path.chars().filter(c -> c == '{').count();
    }

    /** Identifiers of clients and of bars may have slashes. */
    private static Pattern pattern(String path) {
        return Pattern.compile(
                path.replaceAll("\\{(clientId|id)}", ".+").replaceAll("\\{[A-Za-z]+}", "[^/]+"));
    }

    private void checkAnswer(Exchange exchange, JsonNode responses) {
        JsonNode response =
                resolve(
                        responses.has(Integer.toString(exchange.status()))
                                ? responses.path(Integer.toString(exchange.status()))
                                : exchange.status() >= 400
                                        ? responses.path("default")
                                        : responses.path("none"));
        require(!response.isMissingNode(), exchange, "has a status that is not described");
        if (!response.has("content")) {
            require(exchange.answered().isEmpty(), exchange, "has an answer that is not described");
            return;
        }
        checkBody(exchange, response, exchange.answeredType(), exchange.answered());
    }

    private void checkRequest(Exchange exchange, Operation operation) {
        checkParameters(exchange, operation);
        JsonNode body = resolve(operation.description().path("requestBody"));
        if (exchange.sent().isEmpty()) {
            require(!body.path("required").asBoolean(), exchange, "was taken without its body");
            return;
        }
        require(body.isObject(), exchange, "was taken with a body that is not described");
        checkBody(exchange, body, exchange.sentType(), exchange.sent());
    }

    private void checkBody(Exchange exchange, JsonNode described, String type, String text) {
        String mediaType = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        JsonNode content = described.path("content");
        require(content.has(mediaType), exchange, "has a type that is not described: " + type);
        JsonNode schema = content.path(mediaType).path("schema");
        if ((mediaType.equals("application/json") || mediaType.endsWith("+json"))
                && schema.isObject()) {
            List<Error> errors = compile(ofAction(schema, exchange)).validate(parse(text));
            require(errors.isEmpty(), exchange, errors.toString());
        }
    }

    /** Of forms that depend on the parameter action, those for the action that was asked for. */
    private static JsonNode ofAction(JsonNode schema, Exchange exchange) {
        if (schema.findValue("x-action") == null) {
            return schema;
        }
        Optional<String> action =
                parameters(exchange)
                        .filter(pair -> pair.get(0).equals("action"))
                        .map(pair -> pair.get(1))
                        .findFirst();
        ObjectNode narrowed = schema.deepCopy();
        ArrayNode forms = narrowed.putArray("anyOf");
        for (JsonNode form : schema.path("anyOf")) {
            List<String> actions = new ArrayList<>();
            form.path("x-action").forEach(each -> actions.add(each.asText()));
            if (actions.isEmpty() || action.filter(actions::contains).isPresent()) {
                forms.add(form);
            }
        }
        return narrowed;
    }

    private static Stream<List<String>> parameters(Exchange exchange) {
        String query = exchange.uri().getRawQuery();
        return query == null
                ? Stream.of()
                : Stream.of(query.split("&", -1))
                        .map(pair -> pair.split("=", 2))
                        .map(pair -> List.of(pair[0], pair.length == 1 ? "" : pair[1]));
    }

    private void checkParameters(Exchange exchange, Operation operation) {
        Map<String, JsonNode> described = describedParameters(operation);
        Set<String> sent = new TreeSet<>();
        parameters(exchange)
                .forEach(
                        pair -> {
                            JsonNode parameter = described.get(pair.get(0));
                            require(
                                    parameter != null,
                                    exchange,
                                    "was taken with a parameter that is not described: " + pair);
                            requireListed(exchange, parameter, pair);
                            sent.add(pair.get(0));
                        });
        described.forEach(
                (name, parameter) ->
                        require(
                                sent.contains(name) || !parameter.path("required").asBoolean(),
                                exchange,
                                "was taken without the parameter " + name));
    }

    private static void requireListed(
            Exchange exchange, @Nullable JsonNode parameter, List<String> pair) {
        if (parameter != null && parameter.path("schema").has("enum")) {
            require(
                    parameter
                            .path("schema")
                            .path("enum")
                            .toString()
                            .contains("\"" + pair.get(1) + "\""),
                    exchange,
                    "was taken with a value that is not described: " + pair);
        }
    }

    /** The names of the query parameters. */
    public Set<String> queryParameters(Operation operation) {
        return describedParameters(operation).keySet();
    }

    private Map<String, JsonNode> describedParameters(Operation operation) {
        Map<String, JsonNode> parameters = new TreeMap<>();
        for (JsonNode each : operation.description().path("parameters")) {
            JsonNode parameter = resolve(each);
            if (parameter.path("in").asText().equals("query")) {
                parameters.put(parameter.path("name").asText(), parameter);
            }
        }
        return parameters;
    }

    /** The schema of its JSON body, if it takes one. */
    public Optional<JsonNode> requestSchema(Operation operation) {
        JsonNode schema =
                resolve(operation.description().path("requestBody"))
                        .path("content")
                        .path("application/json")
                        .path("schema");
        return schema.isObject() ? Optional.of(resolve(schema)) : Optional.empty();
    }

    private JsonNode resolve(JsonNode node) {
        String reference = node.path("$ref").asText();
        return reference.isEmpty() ? node : resolve(document.at(reference.substring(1)));
    }

    /** Compiles every schema that is described, so that a reference to nothing is noticed. */
    public void compileAll() {
        document.findValues("schema").forEach(this::compile);
    }

    private Schema compile(JsonNode schema) {
        return compiled.computeIfAbsent(
                schema,
                key -> {
                    ObjectNode root = key.deepCopy();
                    root.set("components", document.path("components"));
                    return schemas.getSchema(root);
                });
    }

    private static JsonNode parse(String text) {
        try {
            return new JsonMapper().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void require(boolean isMet, Exchange exchange, String problem) {
        if (!isMet) {
            throw new AssertionError("openapi.yaml: " + exchange + " " + problem);
        }
    }
}

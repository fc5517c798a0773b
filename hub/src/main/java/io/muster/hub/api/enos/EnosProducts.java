package io.muster.hub.api.enos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.muster.devices.AlreadyExistsException;
import io.muster.devices.Product;
import io.muster.devices.product.CertificatePolicy;
import io.muster.devices.product.ProductSettings;
import io.muster.devices.product.ProductType;
import io.muster.devices.registry.ProductRegistry;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Changed;
import io.muster.hub.api.enos.EnosProblem.Code;
import io.muster.hub.api.http.Json;
import io.muster.hub.products.ProductJson;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The calls about products. Shared; blocks while it asks the registry. */
final class EnosProducts {

    private final ProductRegistry products;

    EnosProducts(ProductRegistry products) {
        this.products = products;
    }

    /** {@code /connect-service/v2.1/products}. */
    Map<String, EnosAction> actions() {
        return Map.of(
                "create", EnosAction.doing(Role.ADMIN, "product.create", this::create),
                "update", EnosAction.doing(Role.ADMIN, "product.change", this::update),
                "get", EnosAction.looking(this::get));
    }

    /** Answers with the key, as EnOS does. */
    private JsonNode create(EnosCall call) {
        requireWhatThereIs(call);
        Product product;
        try {
            product =
                    EnosCall.valid(
                            () ->
                                    products.create(
                                            call.text("productKey"),
                                            settings -> changed(settings, call)));
        } catch (AlreadyExistsException e) {
            throw new EnosProblem(Code.EXISTS, "ProductKey existed");
        }
        Acts.object(call.ctx(), product.productKey());
        return TextNode.valueOf(product.productKey());
    }

    private JsonNode update(EnosCall call) {
        Product before = find(call);
        requireWhatThereIs(call);
        Product after =
                EnosCall.valid(
                        () ->
                                products.update(
                                        before.productKey(),
                                        OptionalLong.empty(),
                                        settings -> changed(settings, call)));
        Changed.tell(call.ctx(), ProductJson.view(before), ProductJson.view(after));
        return NullNode.getInstance();
    }

    private static ProductSettings changed(ProductSettings settings, EnosCall call) {
        return settings.withName(call.name("productName").orElse(settings.name()))
                .withType(
                        call.text("productType")
                                .map(type -> ProductType.valueOf(type.toUpperCase(Locale.ROOT)))
                                .orElse(settings.type()))
                .withCertificates(certificates(settings.certificates(), call))
                .withDynamicActivation(
                        call.flag("dynamicActivateEnabled")
                                .orElse(settings.enrollment().dynamicActivation()));
    }

    private static CertificatePolicy certificates(CertificatePolicy policy, EnosCall call) {
        return policy.withRequired(call.flag("biDirectionalAuth").orElse(policy.required()))
                .withDays(
                        call.number("defaultValidDay", CertificatePolicy.DAYS_MAX)
                                .or(policy::validDays),
                        call.number("maxValidDay", CertificatePolicy.DAYS_MAX)
                                .or(policy::validDaysMax));
    }

    private static void requireWhatThereIs(EnosCall call) {
        requireOneOf(call.text("dataFormat"), "dataFormat", "Json", "Custom");
        requireOneOf(call.text("productType"), "productType", "Device", "Gateway");
    }

    private static void requireOneOf(
            Optional<String> value, String name, String one, String other) {
        if (value.filter(text -> !text.equals(one) && !text.equals(other)).isPresent()) {
            throw EnosProblem.invalid(name + " must be " + one + " or " + other);
        }
    }

    private JsonNode get(EnosCall call) {
        Product product = find(call);
        CertificatePolicy certificates = product.settings().certificates();
        ObjectNode answer = Json.object();
        call.text("orgId").ifPresent(org -> answer.put("orgId", org));
        answer.put("productKey", product.productKey());
        answer.set("productName", EnosCall.named(product.settings().name()));
        return answer.put("productType", type(product))
                .put("dynamicActivateEnabled", product.dynamicActivation())
                .put("biDirectionalAuth", product.settings().certificateRequired())
                .put("defaultValidDay", certificates.validDays().orElse(EnosCall.VALID_DAYS))
                .put("maxValidDay", certificates.validDaysMax().orElse(null))
                .put("createTime", product.createdAt().toEpochMilli());
    }

    private static String type(Product product) {
        return product.settings().type() == ProductType.GATEWAY ? "Gateway" : "Device";
    }

    private Product find(EnosCall call) {
        String productKey = call.requiredText("productKey");
        return products.find(productKey)
                .orElseThrow(() -> EnosProblem.invalid("there is no product '" + productKey + "'"));
    }
}

package io.muster.hub.cli.products;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.hub.cli.options.ApiOptions;
import io.muster.hub.cli.options.OverlapOption;
import io.muster.hub.cli.options.PageOptions;
import io.muster.hub.cli.options.RevisionOption;
import io.muster.hub.cli.options.SecretSource;
import io.muster.hub.client.ManagementClient;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster product}: kinds of devices. */
@Command(
        name = "product",
        description = "Creates, shows and deletes products, the kinds of devices.")
public final class ProductCommand {

    private static final String PRODUCTS = "products";

    @Command(name = "create", description = "Creates a product and shows its secret.")
    int create(
            @Mixin ApiOptions api,
            @Parameters(
                            paramLabel = "PK",
                            arity = "0..1",
                            description = "Product key (default: one is made).")
                    Optional<String> productKey,
            @ArgGroup @Nullable SecretSource secret,
            @Mixin ProductOptions options) {
        Map<String, @Nullable Object> product = new LinkedHashMap<>();
        productKey.ifPresent(key -> product.put("productKey", key));
        product.putAll(options.fields());
        if (secret != null) {
            product.put("productSecret", secret.read(api.root()));
        }
        api.output().show(api.client().post(product, PRODUCTS));
        return ExitCode.OK;
    }

    @Command(name = "update", description = "Changes a product.")
    int update(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey,
            @Mixin ProductOptions options,
            @Mixin RevisionOption revision) {
        api.output().show(api.client(revision).patch(options.fields(), PRODUCTS, productKey));
        return ExitCode.OK;
    }

    @Command(
            name = "rotate-secret",
            description = "Gives a product a new secret and shows it; the one before ends later.")
    int rotateSecret(
            @Mixin ApiOptions api,
            @Mixin RevisionOption revision,
            @Mixin OverlapOption overlap,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey) {
        api.output()
                .show(api.client(revision).post(overlap.fields(), PRODUCTS, productKey, "secret"));
        return ExitCode.OK;
    }

    @Command(name = "delete", description = "Deletes a product, if it has no devices.")
    int delete(
            @Mixin ApiOptions api,
            @Mixin RevisionOption revision,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey,
            @Option(names = "--with-devices", description = "Deletes all its devices first.")
                    boolean withDevices) {
        ManagementClient client = api.client(revision);
        if (withDevices) {
            client.patiently().deleteWith("devices=delete", PRODUCTS, productKey);
        } else {
            client.delete(PRODUCTS, productKey);
        }
        api.output().show(Map.of("deleted", productKey));
        return ExitCode.OK;
    }

    @Command(name = "list", description = "Lists the products.")
    int list(
            @Mixin ApiOptions api,
            @Mixin PageOptions page,
            @Option(
                            names = "--tag",
                            paramLabel = "NAME=VALUE",
                            description = "Only those with this tag.")
                    Optional<String> tag) {
        ManagementClient client = api.client();
        JsonNode answer =
                tag.isPresent()
                        ? client.search(
                                page.after(), page.limit(), List.of("tag=" + tag.get()), PRODUCTS)
                        : client.list(page.after(), page.limit(), PRODUCTS);
        api.output().list(answer, "productKey", "name", "type", "dynamicActivation", "createdAt");
        return ExitCode.OK;
    }

    @Command(name = "show", description = "Shows a product.")
    int show(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey,
            @Option(names = "--secret", description = "Shows the secret too.") boolean secret) {
        ManagementClient client = api.client();
        JsonNode product = client.get(PRODUCTS, productKey);
        if (secret && product instanceof ObjectNode fields) {
            fields.setAll((ObjectNode) client.get(PRODUCTS, productKey, "secret"));
        }
        api.output().show(product);
        return ExitCode.OK;
    }
}

package io.muster.devices.registry;

import io.muster.devices.AlreadyExistsException;
import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.Product;
import io.muster.devices.ProductInUseException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.product.ProductSettings;
import io.muster.devices.product.ProductType;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.change.RegistryListener;
import io.muster.devices.registry.change.Turn;
import io.muster.devices.registry.revision.Revisions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;

/**
 * Products as they stand in the database; shared. Found at {@link DeviceRegistry#products}, whose
 * listeners are told of what changes here.
 *
 * <p>Every method blocks and throws {@link RegistryUnavailableException} when the database cannot
 * be asked. What a method that changes something returns is durable.
 */
public final class ProductRegistry {

    private static final int KEY_LENGTH = 8;

    private final ProductTable table;
    private final SecretRotation rotation;
    private final Clock clock;
    private final Turn turn;
    private final List<RegistryListener> listeners;
    private final UnsettledChanges unsettled;

    /**
     * On an open database.
     *
     * @param turn shared with those who change what belongs to products
     * @param listeners are told of what was created and changed
     * @param unsettled is told of changes that were not answered
     */
    ProductRegistry(
            RegistryDatabase database,
            Clock clock,
            Turn turn,
            List<RegistryListener> listeners,
            UnsettledChanges unsettled) {
        Rows rows = database.rows();
        this.table = new ProductTable(database, rows);
        this.rotation = new SecretRotation(database, rows);
        this.clock = clock;
        this.turn = turn;
        this.listeners = listeners;
        this.unsettled = unsettled;
    }

    ProductTable table() {
        return table;
    }

    /**
     * Creates a product with a new secret.
     *
     * @param productKey empty for a generated one of 8 letters and digits
     * @param settings makes the settings out of those of a product that nobody has decided anything
     *     of, and whose name is its key
     * @throws AlreadyExistsException if the key is taken
     * @throws IllegalArgumentException saying which argument is wrong and what is allowed
     */
    public Product create(Optional<String> productKey, UnaryOperator<ProductSettings> settings) {
        return create(productKey, Optional.empty(), settings);
    }

    /**
     * The same with a secret that somebody chose.
     *
     * @param secret see {@link Secret#chosen}; empty for a new one
     */
    public Product create(
            Optional<String> productKey,
            Optional<Secret> secret,
            UnaryOperator<ProductSettings> settings) {
        productKey.ifPresent(DeviceId::requireProductKey);
        return turn.take(
                () -> {
                    Product created =
                            GeneratedKey.create(
                                    productKey,
                                    KEY_LENGTH,
                                    key ->
                                            insert(
                                                    key,
                                                    secret.orElseGet(Secret::generate),
                                                    settings),
                                    key -> "product '" + key + "' exists already");
                    listeners.forEach(listener -> listener.productCreated(created));
                    return created;
                });
    }

    private Optional<Product> insert(
            String key, Secret secret, UnaryOperator<ProductSettings> settings) {
        Product product =
                new Product(
                        key,
                        RotatingSecret.of(secret),
                        settings.apply(ProductSettings.named(key)),
                        1,
                        now());
        try {
            return table.insert(product) ? Optional.of(product) : Optional.empty();
        } catch (RegistryUnavailableException unknownOutcome) {
            unsettled.perhapsChanged(key);
            throw unknownOutcome;
        }
    }

    /**
     * Changes a product, in one step for all who look.
     *
     * @param expected the revision that must be the present one; empty for any
     * @param change makes the new settings out of the present ones. Called at most once, with the
     *     product's row locked: it must be quick. If it changes nothing, the revision stays
     * @throws NotFoundException if there is no such product
     * @throws RevisionConflictException if it is at another revision
     * @throws ProductInUseException naming devices, if it is to be of another type while gateways
     *     of it speak for them, or others for devices of it
     * @throws IllegalArgumentException saying which argument is wrong and what is allowed
     */
    public Product update(
            String productKey, OptionalLong expected, UnaryOperator<ProductSettings> change) {
        Product updated = store(productKey, present -> changed(present, expected, change));
        listeners.forEach(listener -> listener.settingsChanged(updated));
        return updated;
    }

    /** Listeners are told also if it is not known whether it was changed. */
    private Product store(String productKey, UnaryOperator<Product> change) {
        try {
            return table.update(productKey, change).orElseThrow(() -> unknown(productKey));
        } catch (RegistryUnavailableException unknownOutcome) {
            unsettled.perhapsChanged(productKey);
            throw unknownOutcome;
        } finally {
            listeners.forEach(listener -> listener.productChanged(productKey));
        }
    }

    /**
     * The type of a product, which stays until the transaction of {@code handle} ends; empty if
     * there is no such product.
     */
    public static Optional<ProductType> lockType(Handle handle, String productKey) {
        return handle.createQuery(
                        "UPDATE product SET name = name WHERE product_key = :productKey"
                                + " RETURNING type")
                .bind("productKey", productKey)
                .map((row, context) -> ProductColumns.type(row))
                .findOne();
    }

    /**
     * Looks whether there is such a product, in the transaction of {@code handle}.
     *
     * @throws NotFoundException if there is none
     */
    public static void requireKnown(Handle handle, String productKey) {
        boolean isKnown =
                handle.createQuery("SELECT 1 FROM product WHERE product_key = :productKey")
                        .bind("productKey", productKey)
                        .mapTo(Integer.class)
                        .findOne()
                        .isPresent();
        if (!isKnown) {
            throw unknown(productKey);
        }
    }

    private static Product changed(
            Product present, OptionalLong expected, UnaryOperator<ProductSettings> change) {
        Revisions.require("product '" + present.productKey() + "'", expected, present.revision());
        ProductSettings settings = change.apply(present.settings());
        return settings.equals(present.settings())
                ? present
                : new Product(
                        present.productKey(),
                        present.secrets(),
                        settings,
                        present.revision() + 1,
                        present.createdAt());
    }

    /**
     * Gives a product a new secret. If this fails it is not known whether it did: look before this
     * is called again, as one that is good besides would end.
     *
     * @param overlap how long the secret before stays good, 0 to 30 days, to the millisecond; one
     *     that was before it ends at once
     * @param expected the revision that must be the present one; empty for any
     * @throws RevisionConflictException if it is at another revision
     * @throws NotFoundException if there is no such product
     * @throws IllegalArgumentException saying what is allowed, if the overlap is not
     */
    public Product rotateSecret(String productKey, Duration overlap, OptionalLong expected) {
        RotatingSecret.requireOverlap(overlap);
        try {
            return rotation.rotate(productKey, expected, Secret.generate(), overlap, now())
                    .orElseThrow(() -> unknown(productKey));
        } catch (RegistryUnavailableException unknownOutcome) {
            unsettled.perhapsChanged(productKey);
            throw unknownOutcome;
        } finally {
            listeners.forEach(listener -> listener.productChanged(productKey));
        }
    }

    /**
     * Deletes a product.
     *
     * @param expected the revision that must be the present one; empty for any
     * @throws RevisionConflictException if it is at another revision
     * @throws NotFoundException if there is no such product
     * @throws ProductInUseException if it has devices
     */
    public void delete(String productKey, OptionalLong expected) {
        if (!turn.take(() -> deleteInTurn(productKey, expected))) {
            throw unknown(productKey);
        }
    }

    private boolean deleteInTurn(String productKey, OptionalLong expected) {
        boolean deleted;
        try {
            deleted = table.delete(productKey, expected);
        } catch (RegistryUnavailableException unknownOutcome) {
            unsettled.perhapsChanged(productKey);
            throw unknownOutcome;
        } finally {
            listeners.forEach(listener -> listener.productChanged(productKey));
        }
        // Also if it was gone already: the request that deleted it may not have been answered.
        listeners.forEach(listener -> listener.productDeleted(productKey));
        return deleted;
    }

    /** The product, or empty if there is none with this key. */
    public Optional<Product> find(String productKey) {
        return table.find(productKey);
    }

    /**
     * The products whose keys follow {@code afterProductKey}, ordered by key.
     *
     * @param afterProductKey empty for the first page
     * @param limit 1 to {@link DeviceRegistry#PAGE_MAX}
     */
    public List<Product> list(String afterProductKey, int limit) {
        return list(Map.of(), afterProductKey, limit);
    }

    /**
     * As {@link #list(String, int)}, but only those that have all of these tags.
     *
     * @param tags values by name; none for all products
     * @throws IllegalArgumentException if there are more tags than a product can have
     */
    public List<Product> list(Map<String, String> tags, String afterProductKey, int limit) {
        DeviceRegistry.requireLimit(limit);
        if (tags.size() > ProductSettings.TAGS_MAX) {
            throw new IllegalArgumentException(
                    tags.size() + " tags are more than " + ProductSettings.TAGS_MAX);
        }
        return table.list(tags, afterProductKey, limit);
    }

    private static NotFoundException unknown(String productKey) {
        return new NotFoundException("product '" + productKey + "' is unknown");
    }

    /** The present, cut to what the database keeps. */
    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }
}

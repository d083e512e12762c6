using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Deucalion.Common.Tenants;

namespace Deucalion.Node.Cli.Cluster;

/// <summary><c>tenants list|delete</c>: the tenants that a node knows, and the deletion of one with everything that is stored of it.</summary>
internal static class TenantsCommand
{
    // Longer than a node waits for partitions that move.
    private static readonly NodeTarget Target = new("api/v1/admin/", "The node; of a cluster any.", TimeSpan.FromMinutes(2));

    /// <summary>The verb with its subcommands.</summary>
    public static Command Create()
    {
        var command = new Command("tenants", "Shows the tenants of a node, and deletes one from it and its whole cluster.") { List(), Delete() };
        Target.AddTo(command);
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "The tenants that the node knows.");
        Target.SetAction(command, static call => call.ShowAsync<IReadOnlyList<ListedTenant>>("tenants", static (tenants, output) =>
        {
            var table = new TextTable("TENANT", ">ACTIVE SERIES", ">SAMPLES/S", "BLOCKS", "OVERRIDES");
            foreach (var tenant in tenants)
            {
                table.Add(
                    tenant.Tenant,
                    tenant.ActiveSeries.ToString(CultureInfo.InvariantCulture),
                    tenant.SamplesPerSecond.ToString("0.0", CultureInfo.InvariantCulture),
                    YesNo(tenant.HasBlocks),
                    YesNo(tenant.HasOverrides));
            }

            return table.WriteAsync(output);
        }));
        return command;
    }

    private static Command Delete()
    {
        var name = new Argument<string>("tenant") { Description = "Name of the tenant." };
        name.Validators.Add(static result =>
        {
            if (result.Tokens.Count > 0 && !TenantId.TryParse(result.Tokens[0].Value, out _, out var error))
            {
                result.AddError(error);
            }
        });
        var command = new Command("delete", "Deletes everything that is stored of a tenant, for ever. What is sent afterwards makes it anew. Repeating it after a failure is safe.") { name };
        Target.SetAction(command, call => call.DeleteAsync<DeletedTenant>(
            "tenants/" + Uri.EscapeDataString(call.Arguments.GetRequiredValue(name)),
            static deleted => string.Create(
                CultureInfo.InvariantCulture,
                $"tenant {deleted.Tenant} is deleted: {deleted.Series} recent series, {deleted.Blocks} blocks of {deleted.Bytes} bytes; their objects leave the bucket once retention.delete_delay is over")));
        return command;
    }

    private static string YesNo(bool value) => value ? "yes" : "no";

    private sealed record ListedTenant(
        [property: JsonPropertyName("tenant")] string Tenant,
        [property: JsonPropertyName("active_series")] long ActiveSeries,
        [property: JsonPropertyName("samples_per_second")] double SamplesPerSecond,
        [property: JsonPropertyName("has_blocks")] bool HasBlocks,
        [property: JsonPropertyName("has_overrides")] bool HasOverrides);

    private sealed record DeletedTenant(
        [property: JsonPropertyName("tenant")] string Tenant,
        [property: JsonPropertyName("series")] long Series,
        [property: JsonPropertyName("blocks")] long Blocks,
        [property: JsonPropertyName("bytes")] long Bytes);
}

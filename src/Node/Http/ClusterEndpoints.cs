using System.Text.Json;
using System.Text.Json.Nodes;
using Deucalion.Common.Wire;
using Deucalion.Ingester.Partitions;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Placement;

namespace Deucalion.Node.Http;

/// <summary>The cluster over HTTP: <c>GET /api/v1/cluster/status|nodes|partitions</c>, <c>POST /api/v1/cluster/drain|undrain|move|set|force-elect</c>. Answers have the shape of Prometheus's API.</summary>
internal static class ClusterEndpoints
{
    private const string Base = "/api/v1/cluster";

    // The page lies below /prometheus too and asks beside itself.
    private static readonly string[] Prefixes = ["", "/prometheus"];

    /// <summary>Maps the endpoints.</summary>
    /// <param name="endpoints">Where to.</param>
    /// <param name="commands">The cluster.</param>
    /// <param name="replicas">What this node itself has of its partitions, with digests of their heads or without.</param>
    public static void MapCluster(this IEndpointRouteBuilder endpoints, ClusterCommands commands, Func<bool, CancellationToken, Task<IReadOnlyList<ReplicaDescription>>> replicas)
    {
        Get(endpoints, "status", async context => (await commands.SnapshotAsync(context.RequestAborted)).Status);
        Get(endpoints, "nodes", async context => (await commands.SnapshotAsync(context.RequestAborted)).Nodes);
        Get(endpoints, "partitions", async context =>
        {
            var here = (await replicas(context.Request.Query["digest"] == "true", context.RequestAborted)).ToDictionary(static r => r.Partition.Value);
            var partitions = (await commands.SnapshotAsync(context.RequestAborted)).Partitions;
            return partitions.Select(p => WithReplica(p, here.GetValueOrDefault(p.Partition)));
        });
        Post(endpoints, "drain", async (form, cancelled) => new { left = await commands.DrainAsync(form.Text("node"), cancelled) });
        Post(endpoints, "undrain", async (form, cancelled) =>
        {
            await commands.UndrainAsync(form.Text("node"), cancelled);
            return new { };
        });
        Post(endpoints, "move", async (form, cancelled) =>
        {
            await commands.MoveAsync(form.Partition(), form.Text("from"), form.Text("to"), cancelled);
            return new { };
        });
        Post(endpoints, "set", async (form, cancelled) =>
        {
            var factor = form.Number("rf");
            var numbers = form.Has("min_in_sync")
                ? ReplicaNumbers.AreValid(factor, form.Number("min_in_sync")) ? new ReplicaNumbers(factor, form.Number("min_in_sync")) : throw new FormatException("min_in_sync is from 1 to rf, and rf at most 9")
                : ReplicaNumbers.AreValid(factor, 1) ? ReplicaNumbers.WithMajority(factor) : throw new FormatException("rf is from 1 to 9");
            await commands.SetAsync(form.Has("partition") ? form.Partition() : null, numbers, cancelled);
            return new { };
        });
        Post(endpoints, "force-elect", async (form, cancelled) =>
            await commands.ForceElectAsync(form.Partition(), form.Text("node"), form.Has("accept_loss") && form.Text("accept_loss") == "true", cancelled));
    }

    /// <summary>Maps what a node that is not part of a cluster answers instead: 404, and what makes it a member.</summary>
    /// <param name="endpoints">Where to.</param>
    /// <param name="isConfigured">Whether a cluster is configured, so that it is its roles that keep it out.</param>
    public static void MapNoCluster(this IEndpointRouteBuilder endpoints, bool isConfigured)
    {
        var reason = isConfigured
            ? "this node is not part of its cluster: only nodes with the role ingester are members (key roles)"
            : "this node is not part of a cluster, it runs alone: the key cluster.listen makes it a member (docs/cluster.md)";
        foreach (var prefix in Prefixes)
        {
            endpoints.Map($"{prefix}{Base}/{{**rest}}", context => ApiAnswer.FailAsync(context, StatusCodes.Status404NotFound, "not_found", reason));
        }
    }

    private static void Get<T>(IEndpointRouteBuilder endpoints, string name, Func<HttpContext, Task<T>> question)
    {
        foreach (var prefix in Prefixes)
        {
            endpoints.MapGet($"{prefix}{Base}/{name}", async context => await ApiAnswer.SucceedAsync(context, await question(context)));
        }
    }

    private static void Post<T>(IEndpointRouteBuilder endpoints, string name, Func<CommandForm, CancellationToken, Task<T>> command) =>
        endpoints.MapPost($"{Base}/{name}", async context =>
        {
            try
            {
                await ApiAnswer.SucceedAsync(context, await command(await CommandForm.ReadAsync(context.Request), context.RequestAborted));
            }
            catch (FormatException exception)
            {
                await ApiAnswer.FailAsync(context, StatusCodes.Status400BadRequest, "bad_data", exception.Message);
            }
            catch (WireException exception)
            {
                var (status, type) = exception.Status switch
                {
                    WireStatus.InvalidArgument => (StatusCodes.Status400BadRequest, "bad_data"),
                    WireStatus.NotFound => (StatusCodes.Status404NotFound, "not_found"),
                    WireStatus.FailedPrecondition or WireStatus.Aborted => (StatusCodes.Status409Conflict, "conflict"),
                    _ => (StatusCodes.Status503ServiceUnavailable, "unavailable"),
                };
                await ApiAnswer.FailAsync(context, status, type, exception.Message);
            }
        });

    private static JsonObject WithReplica(PartitionStatus status, ReplicaDescription? replica)
    {
        var json = JsonSerializer.SerializeToNode(status)!.AsObject();
        json["replica"] = JsonSerializer.SerializeToNode(replica);
        return json;
    }
}

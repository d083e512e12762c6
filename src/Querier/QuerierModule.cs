using Deucalion.Common.IO;
using Deucalion.Common.Limits;
using Deucalion.Common.Objects;
using Deucalion.PromQL.Engine;
using Deucalion.Querier.Api;
using Deucalion.Querier.Sources;
using Deucalion.Storage.Index;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Deucalion.Querier;

/// <summary>Puts the querier role together.</summary>
public static class QuerierModule
{
    /// <summary>
    /// Adds the querier's services. The host gives IHeadReads, IObjectStore, ManifestStore, logging, metrics and, if it likes, IServerStatus,
    /// TimeProvider, ITenantLimits (else the options bound every tenant) and other ITenantSources; what it gives must be registered before.
    /// </summary>
    public static IServiceCollection AddQuerier(this IServiceCollection services, QuerierOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IServerStatus, DefaultServerStatus>();
        services.AddSingleton(options);
        services.TryAddSingleton<ITenantLimits>(LimitSet.Same(options.Limits));
        services.AddSingleton<QuerierMetrics>();
        services.AddSingleton(new EngineOptions
        {
            LookbackDeltaMs = (long)options.LookbackDelta.TotalMilliseconds,
            MaxSamples = options.MaxSamples,
            MaxBytes = options.MaxBytes,
            Timeout = options.Timeout,
            DefaultEvaluationIntervalMs = (long)options.DefaultEvaluationInterval.TotalMilliseconds,
            ExperimentalFunctions = options.Features.Contains("promql-experimental-functions"),
            DelayedNameRemoval = options.Features.Contains("promql-delayed-name-removal"),
            ExtendedRangeSelectors = options.Features.Contains("promql-extended-range-selectors"),
            FillModifiers = options.Features.Contains("promql-binop-fill-modifiers"),
            UseStartTimestamps = options.Features.Contains("use-start-timestamps"),
            TypeAndUnitLabels = options.Features.Contains("type-and-unit-labels"),
        });
        services.AddSingleton<PromQlEngine>();
        services.AddSingleton<IManifestReader, StoredManifests>();
        services.AddSingleton<BlockCatalog>();
        services.AddSingleton(provider => new BlockStore(
            provider.GetRequiredService<IObjectStore>(),
            options.IndexHeaderPath is { } path ? new IndexHeaders(provider.GetService<IDisk>() ?? new LinuxDisk(), path) : null,
            provider.GetRequiredService<BlockCatalog>(),
            options,
            provider.GetRequiredService<QuerierMetrics>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ITenantSources, TenantSources>();
        services.AddSingleton(new CorsHeaders(options.CorsOrigin));
        services.AddSingleton(provider => new QueryGate(options.MaxConcurrency, provider.GetRequiredService<QuerierMetrics>()));
        services.AddSingleton<QueryRunner>();
        services.AddSingleton<QueryEndpoints>();
        services.AddSingleton<ExemplarsEndpoint>();
        services.AddSingleton<SyntaxEndpoints>();
        services.AddSingleton<LabelEndpoints>();
        services.AddSingleton<MetadataEndpoint>();
        services.AddSingleton<StatusEndpoints>();
        services.AddSingleton<ApiPipeline>();
        services.AddSingleton<ApiRoutes>();
        return services;
    }

    /// <summary>Maps the query API at <c>/api/v1</c> and <c>/prometheus/api/v1</c>.</summary>
    public static IEndpointRouteBuilder MapQuerier(this IEndpointRouteBuilder endpoints)
    {
        endpoints.ServiceProvider.GetRequiredService<ApiRoutes>().Map(endpoints);
        return endpoints;
    }
}

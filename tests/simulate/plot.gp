# Efficiency over ranks; csv and svg are given on the command line.
set terminal svg size 900,900 font "sans,13"
set output svg
set datafile separator ','
set logscale x 2
set xlabel 'ranks'
set ylabel 'efficiency'
set key bottom left
set grid
rows(kind, network, scaling) = sprintf("<awk -F, '$1 == \"%s\" && $2 == \"%s\" && $4 == \"%s\" && $3 == \"blocking\" && $7 == 0 && $6 > 1' %s", kind, network, scaling, csv)
networks = '10gbe 25gbe hdr'
set multiplot layout 2,1
set title 'weak scaling: 64 images a rank (model of a node; this machine: 8)'
plot for [n in networks] rows('formula', n, 'weak') using 5:10 with lines title n.', formula', \
     for [n in networks] rows('simulated', n, 'weak') using 5:10 with points pointtype 7 title n.', simulated', \
     rows('measured', 'this-machine', 'weak') using 5:10 with linespoints dashtype 2 title 'this machine, measured'
set title 'strong scaling: 1024 images'
plot for [n in networks] rows('formula', n, 'strong') using 5:10 with lines title n.', formula', \
     for [n in networks] rows('simulated', n, 'strong') using 5:10 with points pointtype 7 title n.', simulated'
unset multiplot
